using CoMiGS.Results.RunFiles;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Driver.Tests;

/// <summary>The server's defences in a run file: what goes together, and what a plan says of them.</summary>
public sealed class DefenceTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("hetlora", "combine: median", "is median, but the server of method 'hetlora' has a rule of its own")]
    [InlineData("pcl", "combine: trimmedMean", "the server of method 'pcl' has a rule of its own")]
    [InlineData("fedavg", "combine: median, averages: products", "combine is median and aggregation.averages products")]
    [InlineData("fedavg", "combine: median, weights: tokens", "combine is median and aggregation.weights tokens")]
    [InlineData("fedavg", "combine: trimmedMean", "trim is 0.1, but it takes 10 users a round to cut one at")]
    [InlineData("fedavg", "rejectNorm: 1.5, clipNorm: 2", "rejectNorm is 1.5, but must be above")]
    [InlineData("pcl", "clipNorm: 2", "clipNorm 2, but both must be 0 with method 'pcl'")]
    [InlineData("fedavg", "trim: 0.5", "'aggregation.trim' is 0.5, but must be from 0 to 0.499999")]
    [InlineData("fedavg", "clipNorm: -1", "'aggregation.clipNorm' is -1, but must be from 0")]
    [InlineData("fedavg", "combine: mode", "is 'mode', but must be mean or median or trimmedMean")]
    public async Task Plan_DefencesThatMakeNoSense_SaysWhy(string method, string aggregation, string why) =>
        (await PlanAsync(method, aggregation)).AssertBadInput(why);

    [Theory]
    [InlineData("fedavg", "combine: median", "the median of each coordinate.")]
    [InlineData(
        "fedavg", "combine: median, rejectNorm: 5, clipNorm: 0.5",
        "the median of each coordinate; an update with an L2 norm above 5 is refused; "
        + "an update with an L2 norm above 0.5 is scaled down to that.")]
    [InlineData(
        "fedavg", "combine: trimmedMean, trim: 0", "the mean of each coordinate without a share of 0 at each end.")]
    [InlineData("fedavg", "weights: tokens", "the mean, weighted by train tokens.")]
    [InlineData("flexlora", "", "the best part of the mean of products, weighted by train tokens.")]
    [InlineData("hetlora", "clipNorm: 1", "the mean, padded with zeros and weighted by norm; an update")]
    public async Task Plan_RuleOtherThanThePlainMean_IsShown(string method, string aggregation, string rule)
    {
        var answer = await PlanAsync(method, aggregation);

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        Assert.Contains($"{method}: the server sends {rule}", answer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fedavg", "")]
    [InlineData("local", "combine: median, clipNorm: 1")]   // sends nothing
    public async Task Plan_PlainMean_SaysNothing(string method, string aggregation) =>
        Assert.DoesNotContain(
            "the server sends", (await PlanAsync(method, aggregation)).Output, StringComparison.Ordinal);

    [Fact]
    public void ReadResolved_WordOfSeveralParts_IsReadBack()
    {
        var file = RunFileReader.Read(workspace.RunFile, ["aggregation={ combine: trimmedMean, trim: 0.25 }"]);

        var text = YamlWriter.Write(file);

        Assert.Contains("combine: trimmedMean\n", text, StringComparison.Ordinal);
        Assert.Equal(
            (Combination.TrimmedMean, 0.25),
            (RunFileReader.ReadResolved(text, "run.yaml").Aggregation.Combine, file.Aggregation.Trim));
    }

    [Fact]
    public async Task Run_MedianOfClippedUpdates_EndsWell() => Assert.Equal(0, (await Workspace.RunAsync(
        "run", workspace.RunFile, "--out", workspace.At("out"), "--set", "baselines=[]", "--set", "targets=[own]",
        "--set", "aggregation={ combine: median, clipNorm: 0.01 }")).ExitCode);

    private Task<Answer> PlanAsync(string method, string aggregation) => Workspace.RunAsync(
        "plan", workspace.RunFile, "--set", $"method={method}", "--set", "baselines=[]", "--set",
        $"aggregation={{ {aggregation} }}");
}
