using System.Text.Json;

namespace CoMiGS.Driver.Tests;

/// <summary>Moments in bfloat16 between rounds, as a person asks for them.</summary>
public sealed class MomentsTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task Plan_MomentsInBfloat16_TellsTheDiskTheySave()
    {
        // Two users of 864 parameters (see Plan_Json_CountsWhatIsSharedAndSent), twelve bytes or eight each;
        // twice, since a run of two rounds forgets no state.
        Assert.Equal((2 * 2 * 864 * 12, 0), StateOf(await PlanAsync("float32", "--format", "json")));
        Assert.Equal((2 * 2 * 864 * 8, 2 * 2 * 864 * 4), StateOf(await PlanAsync("bfloat16", "--format", "json")));
        Assert.Contains("(14 kB less than with float32", await PlanAsync("bfloat16"), StringComparison.Ordinal);
        Assert.DoesNotContain("less than", await PlanAsync("float32"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Plan_ManifestsThatAreKept_BoundTheStatesOnDisk(int keep)
    {
        string[] settings = ["rounds=6", "baselines=[]", "targets=[own]", $"checkpoints.keep={keep}"];

        var planned = StateOf(await PlanAsync("float32", [.. Set(settings), "--format", "json"])).Bytes;
        var stored = await StatesAsync("float32", Set(settings));

        // Headers come on top: the names of the tensors and what the receipt said.
        Assert.Equal((keep + 1) * 2, stored.Count);
        Assert.InRange(stored.Values.Sum(), planned, planned + (stored.Count * 1024));
    }

    [Fact]
    public async Task Run_MomentsInBfloat16_LeavesStatesOfTwoThirds()
    {
        var (whole, half) = (await StatesAsync("float32"), await StatesAsync("bfloat16"));

        Assert.NotEmpty(whole);
        Assert.Equal(whole.Keys, half.Keys);
        Assert.All(whole, state => Assert.InRange((double)half[state.Key] / state.Value, 0.6, 0.75));
        Assert.Contains(
            "moments: bfloat16", File.ReadAllText(workspace.At("bfloat16/run.yaml")), StringComparison.Ordinal);
    }

    /// <summary>Bytes of all users' state, and how many are saved.</summary>
    private static (long Bytes, long Saved) StateOf(string plan)
    {
        var arm = JsonDocument.Parse(plan).RootElement.GetProperty("arms")[0];
        return (arm.GetProperty("stateBytes").GetInt64(), arm.GetProperty("stateBytesSaved").GetInt64());
    }

    private static string[] Set(string[] settings) => [.. settings.SelectMany(setting => new[] { "--set", setting })];

    private async Task<string> PlanAsync(string moments, params string[] options)
    {
        var answer = await Workspace.RunAsync(
            ["plan", workspace.RunFile, "--set", $"training.moments={moments}", .. options]);
        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        return answer.Output;
    }

    /// <summary>Bytes of every user's stored states, by their path.</summary>
    private async Task<SortedDictionary<string, long>> StatesAsync(string moments, params string[] options)
    {
        var root = workspace.At(moments);
        var answer = await Workspace.RunAsync(
            ["run", workspace.RunFile, "--out", root, "--set", $"training.moments={moments}", .. options]);
        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        return new(Directory.EnumerateFiles(Path.Combine(root, "state"), "*", SearchOption.AllDirectories)
            .Where(path => path.Contains("/users/", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetRelativePath(root, path), path => new FileInfo(path).Length));
    }
}
