using System.Text.Json;
using System.Text.Json.Nodes;
using CoMiGS.Silo.Storage;

namespace CoMiGS.Driver.Tests;

/// <summary>Runs that were killed, damaged or left, and what becomes of them.</summary>
public sealed class ResumeTests : IDisposable
{
    /// <summary>Figures of the clock, of places and of the process; everything else has to be the same.</summary>
    private static readonly string[] WallClock =
        ["seconds", "phases", "evaluationSeconds", "silos", "tokensPerSecond", "elapsedSeconds", "peakMemoryBytes"];

    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("runs, 2 rounds")]
    [InlineData("[1/3] comigs-1g1s@own  round 1/2")]
    [InlineData("[2/3] comigs-1g1s@mixture  round 2/2")]
    public async Task Run_KilledThenResumed_HasTheResultsOfTheRunThatWasNot(string killAt)
    {
        await RunAsync("peace");
        await KillAtAsync(killAt, "run", workspace.RunFile, "--out", workspace.At("killed"));

        var resumed = await RunAsync("killed", "--resume");

        Assert.Equal(await DigestAsync("peace"), await DigestAsync("killed"));
        foreach (var file in new[] { "metrics.jsonl", "arms/fedavg/metrics.jsonl", "summary.json" })
        {
            Assert.Equal(Timeless($"peace/{file}"), Timeless($"killed/{file}"));
        }

        Assert.DoesNotContain("damaged", resumed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_UnfinishedRun_IsKeptUnlessToldOtherwise()
    {
        await UnfinishedAsync();
        var before = await DigestAsync("out");

        var refused = await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("out"));

        refused.AssertBadInput("6 committed rounds", "--resume", "--restart");
        Assert.Equal(before, await DigestAsync("out"));
        await RunAsync("out", "--restart");
        Assert.True(File.Exists(workspace.At("out/summary.json")));
    }

    [Fact]
    public async Task Run_StateThatAnotherProcessHolds_IsRefused()
    {
        await UnfinishedAsync();
        using var other = StateFolder.Hold(workspace.At("out/state"));

        foreach (var option in new[] { "--resume", "--restart" })
        {
            var refused = await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("out"), option);
            refused.AssertBadInput(workspace.At("out/state"), "another process");
        }
    }

    [Fact]
    public async Task Resume_WithRestart_IsRefused() =>
        (await Workspace.RunAsync("run", workspace.RunFile, "--resume", "--restart")).AssertBadInput("exclude");

    [Fact]
    public async Task Resume_NothingThere_StartsFromTheBeginningAndSaysSo()
    {
        var answer = await RunAsync("out", "--resume", "--set", "baselines=[]");

        Assert.Contains("starts from the beginning", answer.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(workspace.At("out/summary.json")));
    }

    [Fact]
    public async Task Resume_RunFileEmptied_IsNamed()
    {
        await RunAsync("out");
        File.WriteAllText(workspace.At("out/run.yaml"), "");

        (await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("out"), "--resume"))
            .AssertBadInput(workspace.At("out/run.yaml"), "the top of a run file");
    }

    [Fact]
    public async Task Resume_SummaryEmptied_WritesItAnew()
    {
        await RunAsync("out");
        var summary = workspace.At("out/summary.json");
        var before = Timeless("out/summary.json");
        File.WriteAllText(summary, "");

        await RunAsync("out", "--resume");

        Assert.Equal(before, Timeless("out/summary.json"));
    }

    [Fact]
    public async Task Resume_FinishedRun_SaysThatAllRoundsAreThere()
    {
        await RunAsync("out", "--set", "baselines=[]");

        var answer = await RunAsync("out", "--resume", "--set", "baselines=[]");

        Assert.Contains("comigs-1g1s@own has all of its 2 rounds.", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_OtherSettings_AreNamed()
    {
        await UnfinishedAsync();

        var refused = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--resume", "--set", "rounds=3");

        refused.AssertBadInput("rounds: 2 (there) → 3 (now).");
    }

    [Fact]
    public async Task Run_FolderOfOtherSettings_NamesTheFirst()
    {
        await UnfinishedAsync();

        var refused = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--set", "rounds=3", "--set", "seed=2");

        refused.AssertBadInput("--out", "another run's results (rounds: 2 (there) → 3 (now))");
    }

    [Fact]
    public async Task Run_ToldToStop_SaysHowToGoOn()
    {
        string[] args = ["run", workspace.RunFile, "--out", workspace.At("out"), "--set", "rounds=1000000"];
        await using var run = await SiloProcess.StartAsync("round 1/", onError: false, [.. args, "--restart"]);

        Assert.Equal(1, await run.TerminateAsync());
        Assert.Equal(
            $"comigs: stopped; ./comigs {string.Join(' ', args)} --resume goes on.\n", await run.ErrorAsync());
    }

    [Fact]
    public async Task Resume_OtherText_IsNamed()
    {
        await UnfinishedAsync();
        workspace.WriteShard("a", "train", 300);

        var refused = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--resume");

        refused.AssertBadInput(workspace.At("data/a/train.bin"), "--restart");
    }

    [Fact]
    public async Task Resume_DamagedUser_IsNamedAndTheRunEndsWithTheSameBytes()
    {
        await UnfinishedAsync();
        var whole = await DigestAsync("out");
        var damaged = workspace.At("out/state/tiny.comigs-1g1s.own/users/a/1.blob");
        Damage(damaged);

        var answer = await RunAsync("out", "--resume", "--format", "json");

        Assert.Contains($"{damaged} is damaged", answer.Error, StringComparison.Ordinal);
        Assert.Contains("comigs-1g1s@own goes on after round 1 of 2.", answer.Error, StringComparison.Ordinal);
        var remark = Assert.Single(JsonDocument.Parse(answer.Output).RootElement.GetProperty("remarks")
            .EnumerateArray());
        Assert.StartsWith(damaged, remark.GetString(), StringComparison.Ordinal);
        Assert.Equal(whole, await DigestAsync("out"));
    }

    [Fact]
    public async Task Resume_NothingWhole_IsRefusedInOneSentence()
    {
        await UnfinishedAsync();
        Damage(workspace.At("out/state/tiny.comigs-1g1s.own/reports/0.blob"));

        var refused = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--resume", "--set", "checkpoints.keep=2");

        refused.AssertBadInput("reports/0.blob is damaged");
    }

    [Fact]
    public async Task Run_FolderOfAProcessThatDiedWritingItsRunFile_IsUsed()
    {
        Directory.CreateDirectory(workspace.At("out"));
        File.WriteAllText(workspace.At("out/run.yaml.new"), "name: ti");

        await RunAsync("out", "--resume", "--set", "baselines=[]");

        Assert.True(File.Exists(workspace.At("out/summary.json")));
    }

    private async Task<Answer> RunAsync(string folder, params string[] options)
    {
        var answer = await Workspace.RunAsync(["run", workspace.RunFile, "--out", workspace.At(folder), .. options]);
        Assert.True(answer.ExitCode == 0, answer.Error);
        return answer;
    }

    [Fact]
    public async Task Run_OverItsFinishedResults_IsRefusedAndLeavesThem()
    {
        await RunAsync("out");
        var before = await DigestAsync("out");

        (await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("out")))
            .AssertBadInput("which has finished", "--restart", "--out");

        Assert.Equal(before, await DigestAsync("out"));
        Assert.True(File.Exists(workspace.At("out/report.html")));
    }

    [Fact]
    public async Task Resume_FinishedWithoutItsState_IsRefusedAndLeavesTheResults()
    {
        await RunAsync("out");
        Directory.Delete(workspace.At("out/state"), recursive: true);

        (await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("out"), "--resume"))
            .AssertBadInput("out/state is gone", "--restart");

        Assert.True(File.Exists(workspace.At("out/summary.json")));
    }

    [Fact]
    public async Task Resume_ListOfRunsDamaged_NamesItAtOnce()
    {
        await UnfinishedAsync();
        await File.WriteAllTextAsync(workspace.At("out/state/cluster/runs.json"), "garbage");

        (await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("out"), "--resume"))
            .AssertBadInput("cluster/runs.json");
    }

    /// <summary>A run that has all of its rounds, but not its results.</summary>
    private async Task UnfinishedAsync()
    {
        await RunAsync("out");
        File.Delete(workspace.At("out/summary.json"));
    }

    private async Task<string> DigestAsync(string folder)
    {
        var answer = await Workspace.RunAsync("digest", workspace.At(folder));
        Assert.True(answer.ExitCode == 0, answer.Error);
        Assert.Contains("  tiny.comigs-1g1s.own/users/a/1\n", answer.Output.ReplaceLineEndings("\n"));
        var json = await Workspace.RunAsync("digest", workspace.At(folder), "--format", "json");
        Assert.Equal(
            answer.Output.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries),
            JsonDocument.Parse(json.Output).RootElement.EnumerateArray()
                .SelectMany(state => state.EnumerateObject()).Select(property => property.Value.GetString()));
        return answer.Output;
    }

    /// <summary>Runs the program as a process and ends it without a word once it has said something.</summary>
    private static async Task KillAtAsync(string words, params string[] args) =>
        await (await SiloProcess.StartAsync(words, onError: false, args)).DisposeAsync();

    /// <summary>A file of JSON lines, or of one value, without what differs from run to run.</summary>
    private string[] Timeless(string file)
    {
        var text = File.ReadAllText(workspace.At(file));
        var values = file.EndsWith(".jsonl", StringComparison.Ordinal)
            ? text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : [text];
        return [.. values.Select(value =>
        {
            var node = JsonNode.Parse(value)!;
            Strip(node);
            return node.ToJsonString();
        })];
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject map)
        {
            Array.ForEach(WallClock, key => map.Remove(key));
        }

        foreach (var child in node switch
        {
            JsonObject inner => inner.Select(entry => entry.Value).ToArray(),
            JsonArray list => [.. list],
            _ => [],
        })
        {
            Strip(child);
        }
    }

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(path, bytes);
    }
}
