using CoMiGS.Results.RunFiles;

namespace CoMiGS.Driver.Tests;

/// <summary>The experiments this repository promises.</summary>
public sealed class RunsTests
{
    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Repository.At("runs"), "*.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file))];

    [Theory]
    [MemberData(nameof(Files))]
    public void RunFile_OfTheRepository_ReadsAndExpands(string file)
    {
        var run = RunFileReader.Read(Repository.At(file), []);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), run.Name);
        Assert.NotEmpty(Arms.Of(run, "/out"));
    }
}
