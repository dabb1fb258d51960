namespace CoMiGS.Learning.Tests;

/// <summary>Finds tests/fixtures from wherever the tests run.</summary>
internal static class Fixtures
{
    public static string Root { get; } = FindRoot();

    public static string Folder(string name) => Path.Combine(Root, name);

    /// <summary>Folders that hold a recorded run.</summary>
    public static IEnumerable<string> Recordings =>
        Directory.GetFiles(Root, "run.json", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(Path.GetDirectoryName(path)!)).Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine(folder, "tests", "fixtures");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException($"No tests/fixtures above {AppContext.BaseDirectory}.");
    }
}
