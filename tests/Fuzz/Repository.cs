namespace CoMiGS.Fuzz;

/// <summary>The files that come with the program.</summary>
internal static class Repository
{
    public static byte[] Read(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CoMiGS.Orleans.sln")))
        {
            folder = folder.Parent!;
        }

        return File.ReadAllBytes(Path.Combine(folder.FullName, path));
    }
}
