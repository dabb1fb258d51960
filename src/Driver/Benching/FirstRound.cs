using CoMiGS.Results;

namespace CoMiGS.Driver.Benching;

/// <summary>How long a person waits for the demo's first aggregated round: from the start of the process, everything
/// built.</summary>
internal sealed class FirstRound(BenchSizes sizes) : IBenchPart
{
    public string Name => "start";

    public double EstimateSeconds => 4 * sizes.Starts;

    public async Task MeasureAsync(Action<BenchFigure> report, CancellationToken stop)
    {
        var seconds = new List<double>();
        for (var start = 0; start < sizes.Starts; start++)
        {
            using var folder = new TemporaryFolder();
            var run = await WatchedRun.UntilRoundAsync(
                1, ProgramFiles.At(sizes.StartedRun), folder.At("out"), stop);
            seconds.Add(run.Seconds);
        }

        report(new(
            Name, "firstRound", $"start to the end of the first round, {sizes.StartedRun}", Readings.Of(seconds), "s",
            $"{Figures.Plural(sizes.Starts, "start")}", new { run = sizes.StartedRun }));
    }
}
