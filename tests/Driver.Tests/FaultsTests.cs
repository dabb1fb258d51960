using System.Text.Json;

namespace CoMiGS.Driver.Tests;

public sealed class FaultsTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task Faults_OfARunFile_RunsItAndItsTwinAndShowsWhatItCost()
    {
        workspace.WriteRunFile("""
            round: { quorum: 0.5 }
            faults:
              - { kind: dropAfter, users: [b], rounds: [2] }
              - { kind: flipSign, users: [a] }
            """);

        var answer = await Workspace.RunAsync("faults", workspace.RunFile, "--out", workspace.At("out"));

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        Assert.Contains("dropped after training", answer.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["seed,round,user,kind,detected,seconds", "1,1,a,flipSign,,", "1,2,a,flipSign,,"],
            File.ReadAllLines(workspace.At("out/tiny/faults.csv")).Where(line => !line.Contains("dropAfter")));
        var report = JsonDocument.Parse(File.ReadAllText(workspace.At("out/tiny/faults.json"))).RootElement;
        Assert.Equal(1, report.GetProperty("users")[1].GetProperty("roundsMissed").GetInt32());
        Assert.Equal(0, report.GetProperty("rounds")[0].GetProperty("lossDifference").GetDouble());
        Assert.Contains("<svg", File.ReadAllText(workspace.At("out/tiny/faults.svg")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_InWhichNobodyTakesPart_SaysSoBesideItsFigures()
    {
        workspace.WriteRunFile("""
            round: { onFailure: skip }
            faults: [{ kind: dropBefore }]
            """);

        var answer = await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("out"));

        var remark = "comigs-1g1s@own: in 2 of 2 rounds too few users took part, and nothing changed in them.";
        Assert.Contains(remark, answer.Output, StringComparison.Ordinal);
        Assert.Contains(remark, File.ReadAllText(workspace.At("out/summary.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_AskedTwice_ReusesRunAndTwinAndSaysTheSame()
    {
        workspace.WriteRunFile("faults: [{ kind: scale, users: [a], factor: 2 }]");
        string[] words = ["faults", workspace.RunFile, "--out", workspace.At("out"), "--format", "json"];

        var (first, second) = (await Workspace.RunAsync(words), await Workspace.RunAsync(words));

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(first.Output, second.Output);
        Assert.Contains("1 of 1 runs are there already", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_ResultsOfFilesThatHaveChanged_NamesTheFile()
    {
        await ResultsAsync();
        workspace.WriteShard("a", "test", 100);

        var answer = await Workspace.RunAsync("faults", workspace.At("there"), "--out", workspace.At("out"));

        answer.AssertBadInput(workspace.At("data/a/test.bin"), "is not the file that the run in", "read");
        Assert.False(Directory.Exists(workspace.At("out")));
    }

    [Theory]
    [InlineData("--seeds", "7,8")]
    [InlineData("--set", "rounds=9")]
    public async Task Faults_ResultsWithWhatIsForRunFiles_IsRefused(string option, string value)
    {
        await ResultsAsync();
        (await Workspace.RunAsync("faults", workspace.At("there"), option, value))
            .AssertBadInput($"{option} is for run files");
    }

    private async Task ResultsAsync()
    {
        workspace.WriteRunFile("faults: [{ kind: flipSign, users: [a] }]");
        var run = await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("there"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("", "has no fault plan")]
    [InlineData("faults: [{ kind: dropBefore, back: 3 }]", "faults[1].back is 3, but dropBefore has none.")]
    [InlineData("faults: [{ kind: crash, spread: 0.5 }]", "faults[1].spread is 0.5, but crash has none.")]
    [InlineData("faults: [{ kind: killSilo, silo: 2 }]", "'faults' kills silo 2, but there is 1: --silos 2.")]
    [InlineData("faults: [{ kind: melt }]", "'faults[1].kind' is 'melt', but must be dropBefore or ")]
    [InlineData("faults: [{ probability: 0.5 }]", "faults[1].kind is missing.")]
    [InlineData("faults: [{ kind: slow, factor: 2 }]", "faults[1].kind is slow, but users have no devices")]
    [InlineData("faults: [{ kind: crash, rounds: [3] }]", "faults[1].rounds has 3, but must be between 1 and 2.")]
    public async Task Faults_PlanThatCannotBe_IsRefusedInOneLineWithTheFile(string lines, string problem)
    {
        workspace.WriteRunFile(lines);

        var answer = await Workspace.RunAsync("faults", workspace.RunFile, "--out", workspace.At("out"));

        answer.AssertBadInput(workspace.RunFile, problem);
        Assert.False(Directory.Exists(workspace.At("out")));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("compare")]
    public async Task PlanThatKillsASiloThatIsNotThere_IsRefusedBeforeAnythingStarts(string word)
    {
        workspace.WriteRunFile("faults: [{ kind: killSilo, silo: 3 }]");

        var answer = await Workspace.RunAsync(
            word, workspace.RunFile, "--out", workspace.At("out"), "--silos", "2");

        answer.AssertBadInput(workspace.RunFile, "kills silo 3, but there are 2: --silos 3.");
        Assert.False(Directory.Exists(workspace.At("out")));
    }
}
