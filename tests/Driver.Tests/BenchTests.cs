using System.Text.Json;
using CoMiGS.Dashboard.Serving;

namespace CoMiGS.Driver.Tests;

/// <summary>That bench runs and says what it promises to say; never how fast anything is.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task Bench_EveryPart_GivesItsFigures()
    {
        var answer = await Workspace.RunAsync("bench", "--quick", "--format", "json");
        Assert.Equal(0, answer.ExitCode);
        var result = JsonDocument.Parse(answer.Output).RootElement;
        Assert.True(result.GetProperty("isQuick").GetBoolean());
        Assert.Equal(Environment.ProcessorCount, result.GetProperty("cores").GetInt32());
        var figures = result.GetProperty("figures").EnumerateArray().ToArray();
        string[] page = PageFiles.IsBuilt ? ["page pageCost"] : [];
        Assert.Equal(
            [
                "calls callRate", "dispatch emptyRound", "kernels fmaPeak", "kernels stepShares",
                "kernels trainingSpeed", "memory peakMemory", .. page, "start firstRound", "telemetry telemetryCost",
                "telemetry telemetryProcessor",
            ],
            figures.Select(figure => $"{figure.GetProperty("part")} {figure.GetProperty("name")}").Distinct()
                .Order(StringComparer.Ordinal));
        Assert.All(figures, figure =>
        {
            var value = figure.GetProperty("value");
            Assert.InRange(value.GetProperty("median").GetDouble(), double.Epsilon, double.MaxValue);
            Assert.InRange(
                value.GetProperty("median").GetDouble(), value.GetProperty("least").GetDouble(),
                value.GetProperty("most").GetDouble());
            Assert.NotEqual("", figure.GetProperty("unit").GetString());
        });
        var speed = Details(figures, "trainingSpeed");
        Assert.True(speed.GetProperty("baseGflops").GetDouble() > 0);
        Assert.True(speed.GetProperty("shareOfPeak").GetDouble() > 0);
        var circumstances = speed.GetProperty("circumstances");
        Assert.Equal(8, circumstances.GetProperty("model").GetProperty("width").GetInt32());
        Assert.Equal(2, circumstances.GetProperty("load").GetProperty("adapters").GetProperty("topK").GetInt32());
        Assert.Equal(1, Details(figures, "stepShares").GetProperty("parts").EnumerateObject()
            .Sum(share => share.Value.GetDouble()), 6);
        Assert.Equal(3, Details(figures, "emptyRound").GetProperty("users").GetInt32());
        Assert.True(Details(figures, "peakMemory").GetProperty("peakBytes").GetInt64() > 1_000_000);
    }

    [Fact]
    public async Task Bench_OnePart_MeasuresNothingElseAndSaysHowFarItIs()
    {
        var answer = await Workspace.RunAsync("bench", "calls", "--quick");
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("calls/s", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("kernels", answer.Output, StringComparison.Ordinal);
        Assert.Contains("[1/1] calls: about", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_UnknownPart_NamesTheNearest() =>
        (await Workspace.RunAsync("bench", "kernel")).AssertBadInput("'kernel'", "'kernels'", "dispatch");

    [Fact]
    public async Task Bench_ReferenceWithoutItsPart_IsRefused() =>
        (await Workspace.RunAsync("bench", "calls", "--reference")).AssertBadInput("--reference", "kernels");

    private static JsonElement Details(JsonElement[] figures, string name) =>
        figures.First(figure => figure.GetProperty("name").GetString() == name).GetProperty("details");
}
