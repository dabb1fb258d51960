using System.Diagnostics;

namespace House;

/// <summary>The files of this repository, as git would list them: tracked, and new ones that are not ignored.</summary>
internal static class Repository
{
    private static readonly string[] Skipped =
        ["bin", "obj", ".git", "results", "node_modules", "build", "TestResults"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths relative to the root, with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Walk(new DirectoryInfo(Root)).Select(file => Path.GetRelativePath(Root, file.FullName))
            .Order(StringComparer.Ordinal)];

    public static IEnumerable<string> CSharp(string folder) =>
        Files.Where(file =>
            file.StartsWith(folder, StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    /// <summary>Fails with one line per offence.</summary>
    public static void AssertNone(IEnumerable<string> offences)
    {
        var found = offences.ToArray();
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    /// <summary>Offending lines as FILE:LINE: TEXT.</summary>
    public static IEnumerable<string> LinesWhere(IEnumerable<string> files, Func<string, bool> isOffence) =>
        from file in files
        from line in Lines(file).Select((text, index) => (text, index))
        where isOffence(line.text)
        select $"{file}:{line.index + 1}: {line.text.Trim()}";

    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder) => folder.EnumerateFiles().Concat(
        folder.EnumerateDirectories().Where(inner => !Skipped.Contains(inner.Name)).SelectMany(Walk));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CoMiGS.Orleans.sln")))
        {
            folder = folder.Parent ?? throw new UnreachableException("The tests run outside the repository.");
        }

        return folder.FullName;
    }
}
