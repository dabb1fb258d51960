using CoMiGS.Driver.RunFiles;

namespace CoMiGS.Driver.Tests;

/// <summary>The experiments this repository promises.</summary>
public sealed class RunsTests
{
    private static string Root { get; } = FindRoot();

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, "runs"), "*.yaml")
            .Select(file => Path.GetRelativePath(Root, file))];

    [Theory]
    [MemberData(nameof(Files))]
    public void RunFile_OfTheRepository_ReadsAndExpands(string file)
    {
        var run = RunFileReader.Read(Path.Combine(Root, file), []);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), run.Name);
        Assert.NotEmpty(Arms.Of(run, "/out"));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CoMiGS.Orleans.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
