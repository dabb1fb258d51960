namespace CoMiGS.Learning.Tests.Data;

/// <summary>Files of the checkout the tests were built from.</summary>
internal static class RepositoryFiles
{
    private static readonly string Root = FindRoot();

    public static string At(string relativePath) => Path.Combine(Root, relativePath);

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "CoMiGS.Orleans.sln")))
        {
            directory = directory.Parent
                ?? throw new DirectoryNotFoundException($"No CoMiGS.Orleans.sln above {AppContext.BaseDirectory}.");
        }

        return directory.FullName;
    }
}
