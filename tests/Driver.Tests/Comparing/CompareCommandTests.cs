using System.Text.Json;
using CoMiGS.Driver.Comparing;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Driver.Tests.Comparing;

/// <summary>compare as a person calls it, on the tiny model.</summary>
public sealed class CompareCommandTests : IDisposable
{
    private readonly Workspace workspace = new();

    private string Out => workspace.At("out");

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task Compare_RunFileAndSeeds_RunsEachOnceAndReusesWhatIsThere()
    {
        var first = await CompareAsync("--seeds", "1,2");
        var stamps = Summaries().ToDictionary(path => path, File.GetLastWriteTimeUtc);
        var second = await CompareAsync("--seeds", "2,1", "--format", "json");
        var third = await CompareAsync("--seeds", "1,2,3");

        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Contains("0 of 4 runs are there already", first.Output, StringComparison.Ordinal);
        Assert.Contains("4 of 4 runs are there already", second.Error, StringComparison.Ordinal);
        Assert.Contains("4 of 6 runs are there already", third.Output, StringComparison.Ordinal);
        Assert.All(stamps, stamp => Assert.Equal(stamp.Value, File.GetLastWriteTimeUtc(stamp.Key)));
        using var json = JsonDocument.Parse(second.Output);
        Assert.Equal(["own", "mixture"], json.RootElement.GetProperty("tables").EnumerateArray()
            .Select(table => table.GetProperty("target").GetString()));
        foreach (var file in new[] { "comparison.md", "comparison.csv", "comparison.svg", "comparison.json" })
        {
            Assert.True(File.Exists(Path.Combine(Out, "tiny", file)), file);
        }

        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(Out, "tiny"), "state*"));
    }

    [Fact]
    public async Task Compare_RunThatDidNotFinish_IsRunAgain()
    {
        await CompareAsync();
        var lost = Summaries().First();
        File.Delete(lost);

        var again = await CompareAsync();

        Assert.Contains("1 of 2 runs are there already", again.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(lost));
    }

    [Fact]
    public async Task Compare_SettingOfOneMethodChanged_RunsOnlyThatMethod()
    {
        await CompareAsync();

        var changed = await CompareAsync("--set", "methods.fedavg.training.learningRate=1e-3");

        Assert.Contains("1 of 2 runs are there already", changed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_FileOfOneUserChanged_RunsAgain()
    {
        await CompareAsync();
        var shard = workspace.At("data/a/test.bin");
        File.WriteAllBytes(shard, [.. File.ReadAllBytes(shard).Take(40)]);

        var changed = await CompareAsync();
        var again = await CompareAsync();

        Assert.Contains("0 of 2 runs are there already", changed.Output, StringComparison.Ordinal);
        Assert.Contains("2 of 2 runs are there already", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_RunOfAnotherProgram_IsUsedAndNamed()
    {
        await CompareAsync();
        var summary = Summaries().First();
        File.WriteAllText(
            summary, File.ReadAllText(summary).Replace(ProgramVersion.Text, "0.9.0", StringComparison.Ordinal));

        var again = await CompareAsync();

        Assert.Contains("1 of them were made by 0.9.0", again.Output, StringComparison.Ordinal);
    }

    /// <summary>A unit alone is what the method is in the whole file.</summary>
    [Fact]
    public async Task Compare_Units_HaveTheFiguresOfTheWholeRun()
    {
        await CompareAsync();
        var whole = await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("whole"));

        Assert.Equal(0, whole.ExitCode);
        var compared = await Workspace.RunAsync("compare", workspace.At("whole"), "--out", Out, "--format", "json");
        var again = await CompareAsync("--format", "json");
        Assert.Equal(Means(compared.Output), Means(again.Output));
    }

    [Fact]
    public async Task Compare_TwoFolders_SaysWhatDiffers()
    {
        foreach (var rounds in new[] { 1, 2 })
        {
            await Workspace.RunAsync(
                "run", workspace.RunFile, "--out", workspace.At($"r{rounds}"), "--set", $"rounds={rounds}");
        }

        var answer =
            await Workspace.RunAsync("compare", workspace.At("r1") + "/", workspace.At("r2"), "--out", Out);

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        Assert.Contains("rounds: 1 (r1) → 2 (r2)", answer.Output, StringComparison.Ordinal);
        Assert.Contains("r2: fedavg", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_RunThatFails_LeavesTheOthersAndSaysSo()
    {
        var answer = await CompareAsync(
            "--set", "methods.fedavg.training={ learningRate: 10, localSteps: 40, weightDecay: 1 }", "--set",
            "targets=[own]");

        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("1 runs failed", answer.Error, StringComparison.Ordinal);
        Assert.Contains("training diverged", answer.Error, StringComparison.Ordinal);
        Assert.Contains(
            "comigs-1g1s", File.ReadAllText(Path.Combine(Out, "tiny", "comparison.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,1", "--seeds is '1,1'", "once")]
    [InlineData(",", "--seeds is ','", "whole numbers")]
    [InlineData("1,x", "--seeds is '1,x'", "whole numbers")]
    [InlineData("-1", "--seeds", "whole numbers")]
    public async Task Compare_WrongSeeds_SaysWhat(string seeds, params string[] words) =>
        (await CompareAsync("--seeds", seeds)).AssertBadInput(words);

    [Fact]
    public async Task Compare_NeitherRunFileNorResults_SaysSo()
    {
        (await Workspace.RunAsync("compare", workspace.At("data"))).AssertBadInput("data", "neither a run file nor");
        (await Workspace.RunAsync("compare", workspace.At("none.yaml"))).AssertBadInput("none.yaml");
        File.WriteAllText(workspace.At("data/run.yaml"), "name: x\n");
        (await Workspace.RunAsync("compare", workspace.At("data"))).AssertBadInput("data", "has not finished");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{ \"arms\": [] }")]
    [InlineData("{ \"arms\": [null] }")]
    [InlineData("{ \"arms\": [{ \"method\": \"local\", \"target\": \"own\", \"users\": [null] }] }")]
    public async Task Compare_DamagedSummary_IsNamed(string text)
    {
        await CompareAsync();
        var summary = Summaries().First();
        File.WriteAllText(summary, text);

        (await Workspace.RunAsync("compare", Path.GetDirectoryName(summary)!, "--out", Out))
            .AssertBadInput("summary.json", "damaged");
    }

    [Fact]
    public async Task Compare_SeedsOrNamesThatCannotBe_SaysSo()
    {
        await CompareAsync();
        var folder = Path.GetDirectoryName(Summaries().First())!;

        (await Workspace.RunAsync("compare", folder, "--seeds", "1")).AssertBadInput("--seeds is for run files");
        (await Workspace.RunAsync("compare", folder, folder)).AssertBadInput("two runs are called");
    }

    /// <summary>What is made of a name stands in results that are read back.</summary>
    [Theory]
    [InlineData("compare", 50)]   // .comigs-1g1s.1
    [InlineData("faults", 35)]    // -without-faults.comigs-1g1s.1
    public async Task Name_LongerThanUnitsLeaveRoomFor_IsRefusedBeforeAnythingRuns(string word, int most)
    {
        workspace.WriteRunFile("faults: [{ kind: crash, users: [a], rounds: [1] }]");
        Task<Answer> AskAsync(int length) => Workspace.RunAsync(
            word, workspace.RunFile, "--out", Out, "--set", $"name={new string('n', length)}");

        (await AskAsync(most + 1)).AssertBadInput(
            "run.yaml: 'name' is 'nnn", $"with {most + 1} characters, but must have at most {most} here");
        Assert.False(Directory.Exists(Out));
        Assert.Equal(0, (await AskAsync(most)).ExitCode);
    }

    /// <summary>A baseline has its own number of experts as the main method of its unit, too.</summary>
    [Fact]
    public void Units_UsersWithOwnExperts_KeepThemWhereTheMethodUsesThem()
    {
        var file = RunFileReader.Read(
            workspace.RunFile,
            [
                "method=comigs-1gks", "baselines=[comigs-1g1s, flexlora]", "targets=[own]",
                "users=[{ id: a, experts: 4 }]",
            ]);

        var experts = RunUnit.Of(file, [1]).ToDictionary(
            unit => unit.File.Method, unit => Arms.Of(unit.File, "/out")[0].Spec.Users[0]);

        Assert.Equal(["comigs-1g1s", "flexlora", "comigs-1gks"], RunUnit.MethodsOf(file));
        Assert.Equal((2, 2), (experts["comigs-1g1s"].Experts, experts["comigs-1g1s"].MlpRank));
        Assert.Equal((1, 8), (experts["flexlora"].Experts, experts["flexlora"].MlpRank));
        Assert.Equal((4, 2), (experts["comigs-1gks"].Experts, experts["comigs-1gks"].MlpRank));
    }

    private IEnumerable<string> Summaries() =>
        Directory.EnumerateFiles(Out, "summary.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private Task<Answer> CompareAsync(params string[] more) =>
        Workspace.RunAsync(["compare", workspace.RunFile, "--out", Out, .. more]);

    private static IEnumerable<string> Means(string output)
    {
        using var json = JsonDocument.Parse(output);
        return
        [
            .. from table in json.RootElement.GetProperty("tables").EnumerateArray()
               from row in table.GetProperty("rows").EnumerateArray()
               select $"{row.GetProperty("name")} {row.GetProperty("mean").GetProperty("mean")}",
        ];
    }
}
