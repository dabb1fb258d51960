using System.Security.Cryptography;
using System.Text.Json;

namespace CoMiGS.Driver.Tests;

/// <summary>The main job on a tiny model: from the command line to the adapters on disk.</summary>
public sealed class EndToEndTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task Methods_AreListedWithWhatAUserSends()
    {
        var table = await Workspace.RunAsync("methods");
        var json = await Workspace.RunAsync("methods", "--format", "json");

        Assert.Contains("local-plus-valid", table.Output, StringComparison.Ordinal);
        var fedavg = JsonDocument.Parse(json.Output).RootElement.EnumerateArray()
            .Single(method => method.GetProperty("name").GetString() == "fedavg");
        Assert.Equal(4 * 1_916_928, fedavg.GetProperty("exampleBytesPerRound").GetInt32());
    }

    [Fact]
    public async Task Run_RunFile_LeavesEveryResult()
    {
        var answer = await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("out"));

        Assert.True(answer.Error.Length == 0, answer.Error);
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("round 2/2", answer.Output, StringComparison.Ordinal);
        Assert.Contains("Perplexity, target: mixture", answer.Output, StringComparison.Ordinal);
        Assert.Contains("a, block 1:", answer.Output, StringComparison.Ordinal);
        Assert.Contains("At home (own)", answer.Output, StringComparison.Ordinal);
        foreach (var file in new[]
        {
            "report.html", "adapters/a.safetensors", "adapters/b.safetensors", "arms/fedavg/adapters/a.safetensors",
            "arms/comigs-1g1s@mixture/adapters/b.safetensors",
        })
        {
            Assert.True(File.Exists(workspace.At($"out/{file}")), file);
        }

        var summary = Parse(File.ReadAllText(workspace.At("out/summary.json")));
        Assert.Equal(4, summary.GetProperty("arms").GetArrayLength());
        Assert.All(summary.GetProperty("users").EnumerateArray(), user =>
        {
            Assert.InRange(user.GetProperty("perplexity").GetDouble(), 1, 1000);
            Assert.Equal(200, user.GetProperty("trainTokens").GetInt64());
            Assert.Equal(2, user.GetProperty("generalistShare").GetArrayLength());
        });
        var rounds = File.ReadAllLines(workspace.At("out/metrics.jsonl")).Select(Parse).ToArray();
        Assert.Equal([1, 2], rounds.Select(round => round.GetProperty("round").GetInt32()));
        Assert.All(rounds, round => Assert.True(round.GetProperty("bytes").GetInt64() > 0));
        Assert.All(rounds.SelectMany(round => round.GetProperty("users").EnumerateArray()), user =>
        {
            var phases = user.GetProperty("phases");
            string[] names = ["queue", "load", "train", "router", "save", "upload"];
            Assert.Equal(names, phases.EnumerateObject().Select(phase => phase.Name));
            var sum = names.Sum(name => phases.GetProperty(name).GetDouble());
            Assert.Equal(user.GetProperty("seconds").GetDouble(), sum, 1e-3);
            Assert.True(phases.GetProperty("train").GetDouble() > 0);
        });
    }

    [Fact]
    public async Task Run_OtherThreadsAndSilos_GivesTheSameBytes()
    {
        var one = await AdaptersAsync("one", "--threads", "1", "--silos", "1");
        Assert.Equal(one, await AdaptersAsync("three", "--threads", "2", "--silos", "3"));
        Assert.NotEqual(one, await AdaptersAsync("seed", "--set", "seed=2"));
    }

    [Fact]
    public async Task Run_ResolvedRunFile_RepeatsTheRun()
    {
        var first =
            await AdaptersAsync("first", "--set", "rounds=1", "--set", "methods.fedavg.training.learningRate=1e-2");
        var copy = workspace.At("copy.yaml");
        File.Copy(workspace.At("first/run.yaml"), copy);
        var answer = await Workspace.RunAsync("run", copy, "--out", workspace.At("again"));
        Assert.Equal(0, answer.ExitCode);
        Assert.Equal(first, Hashes("again"));
    }

    [Fact]
    public async Task Run_Json_IsTheSummaryAndNothingElse()
    {
        var answer = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--set", "baselines=[]", "--format", "json");
        Assert.Equal(0, answer.ExitCode);
        Assert.Equal(File.ReadAllText(workspace.At("out/summary.json")).TrimEnd(), answer.Output.TrimEnd());
        Assert.Contains("round 1/2", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DeviceThatIsNotThere_IsRefusedBeforeAnythingStarts()
    {
        var answer = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--device", "cuda:77");
        answer.AssertBadInput();
        Assert.False(Directory.Exists(workspace.At("out/state")));
    }

    private async Task<string[]> AdaptersAsync(string folder, params string[] options)
    {
        var answer = await Workspace.RunAsync(["run", workspace.RunFile, "--out", workspace.At(folder), .. options]);
        Assert.True(answer.Error.Length == 0, answer.Error);
        return Hashes(folder);
    }

    private string[] Hashes(string folder) =>
    [
        .. Directory.EnumerateFiles(workspace.At(folder), "*.safetensors", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(Path.GetDirectoryName(file)) == "adapters").Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetRelativePath(workspace.At(folder), file)} "
                + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))),
    ];

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
