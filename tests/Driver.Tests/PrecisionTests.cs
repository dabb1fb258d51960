using System.Text.Json;

namespace CoMiGS.Driver.Tests;

/// <summary>Half the bits as a person asks for them. What needs libtorch is skipped where it is not set up.</summary>
public sealed class PrecisionTests : IDisposable
{
    private static readonly string[] Bfloat16 = ["--device", "torch", "--precision", "bfloat16", "--threads", "1"];

    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task Run_Bfloat16_SaysAndKeepsHowFarItIsFromFloat32()
    {
        var answer = await WithTorchAsync("run", workspace.RunFile, "--out", workspace.At("out"));

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        Assert.Contains("torch in bfloat16", answer.Output, StringComparison.Ordinal);
        Assert.Contains("Base in bfloat16: on the first micro-batch", answer.Output, StringComparison.Ordinal);
        Assert.Contains("Base in bfloat16", Read("report.html"), StringComparison.Ordinal);
        var precision = JsonDocument.Parse(Read("summary.json")).RootElement.GetProperty("precision");
        Assert.Equal("bfloat16", precision.GetProperty("type").GetString());
        var compared = precision.GetProperty("compared");
        Assert.InRange(compared.GetProperty("gradientError").GetDouble(), 1e-4, 1e-1);
        Assert.InRange(compared.GetProperty("lossError").GetDouble(), 0, 1e-2);
    }

    [Fact]
    public async Task Run_Float32_KeepsThatNothingWasCompared()
    {
        var answer = await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("out"));

        Assert.DoesNotContain("bfloat16", answer.Output, StringComparison.Ordinal);
        var precision = JsonDocument.Parse(Read("summary.json")).RootElement.GetProperty("precision");
        Assert.Equal("float32", precision.GetProperty("type").GetString());
        Assert.Equal(JsonValueKind.Null, precision.GetProperty("compared").ValueKind);
    }

    [Fact]
    public async Task Replay_Bfloat16_IsOverAndSaysWhy()
    {
        var answer = await WithTorchAsync("replay", Repository.At("tests/fixtures/comigs-1g1s"));

        Assert.Equal((1, ""), (answer.ExitCode, answer.Error));
        Assert.Contains("over", answer.Output, StringComparison.Ordinal);
        Assert.Contains("tolerances are float32's", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_ResultsOfAnotherPrecision_AreUsedAndNamed()
    {
        string[] compare = ["compare", workspace.RunFile, "--out", workspace.At("out")];
        await Workspace.RunAsync(compare);

        var again = await Workspace.RunAsync([.. compare, .. Bfloat16]);

        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Contains(
            "2 of them were computed in float32, this is bfloat16", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_MomentsInBfloat16_TakeTwoThirdsOfTheDisk()
    {
        var (whole, half) = (await StoredBytesAsync("float32"), await StoredBytesAsync("bfloat16"));

        Assert.Equal(2 * whole, 3 * half);
    }

    [Fact]
    public async Task Run_MomentsInBfloat16_EndsElsewhereAndLeavesSmallerStates()
    {
        var (whole, half) = (await StatesAsync("float32"), await StatesAsync("bfloat16"));

        Assert.Equal(whole.Keys, half.Keys);
        Assert.NotEmpty(whole);
        Assert.All(whole, state => Assert.InRange((double)half[state.Key] / state.Value, 0.6, 0.8));
        Assert.Contains("moments: bfloat16", Read("bfloat16/run.yaml"), StringComparison.Ordinal);
        Assert.NotEqual(
            File.ReadAllBytes(workspace.At("out/float32/adapters/a.safetensors")),
            File.ReadAllBytes(workspace.At("out/bfloat16/adapters/a.safetensors")));
    }

    /// <summary>Bytes of every user's state, by its path.</summary>
    private async Task<SortedDictionary<string, long>> StatesAsync(string moments)
    {
        var root = workspace.At($"out/{moments}");
        var answer = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", root, "--set", $"training.moments={moments}");
        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        return new(Directory.EnumerateFiles(Path.Combine(root, "state"), "*", SearchOption.AllDirectories)
            .Where(path => path.Contains("/users/", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetRelativePath(root, path), path => new FileInfo(path).Length));
    }

    private async Task<long> StoredBytesAsync(string moments)
    {
        var answer = await Workspace.RunAsync(
            "plan", workspace.RunFile, "--format", "json", "--set", $"training.moments={moments}");
        return JsonDocument.Parse(answer.Output).RootElement.GetProperty("arms")[0].GetProperty("users")[0]
            .GetProperty("storedBytes").GetInt64();
    }

    private static async Task<Answer> WithTorchAsync(params string[] command)
    {
        var answer = await Workspace.RunAsync([.. command, .. Bfloat16]);
        Assert.SkipWhen(
            answer.ExitCode == 2 && answer.Error.Contains("Torch", StringComparison.Ordinal), answer.Error);
        return answer;
    }

    private string Read(string file) => File.ReadAllText(workspace.At($"out/{file}"));
}
