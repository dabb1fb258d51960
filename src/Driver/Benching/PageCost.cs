using CoMiGS.Results;

namespace CoMiGS.Driver.Benching;

/// <summary>What it costs to be looked at: the demo in a process of its own that serves its page, with somebody who
/// follows it and with nobody, turn by turn. Told by the time that all its processors took: whoever looks may be
/// on another machine.</summary>
internal sealed class PageCost(BenchSizes sizes) : IBenchPart
{
    public string Name => "page";

    public double EstimateSeconds => 2 * sizes.PageTurns * (2 + (0.5 * sizes.PageRounds));

    public async Task MeasureAsync(Action<BenchFigure> report, CancellationToken stop)
    {
        var reader = new PageReader();
        var (closed, open) = await TurnByTurn.MeasureAsync(sizes.PageTurns, async isOpen =>
        {
            using var folder = new TemporaryFolder();
            var run = await WatchedRun.UntilRoundAsync(
                sizes.PageRounds, ProgramFiles.At(sizes.StartedRun), folder.At("out"), stop,
                isOpen ? reader.FollowAsync : (_, _) => Task.CompletedTask);
            return run.ProcessorSeconds;
        });
        if (reader.Answers == 0)
        {
            throw new BenchFailedException("the page told nothing.");
        }

        var (without, with) = (Readings.Of(closed), Readings.Of(open));
        report(new(
            Name, "pageCost", $"all processors' time of rounds of {sizes.StartedRun} with its page open over closed",
            Readings.Of([.. open.Zip(closed, (one, other) => one / other)]), "×",
            $"medians {Readings.Text(with.Median)} s and {Readings.Text(without.Median)} s, "
            + $"{Figures.Count(reader.Answers)} answers",
            new { with, without, reader.Answers, sizes.PageTurns, sizes.PageRounds }));
    }
}
