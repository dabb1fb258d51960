namespace OrleansContract;

/// <summary>The way the application uses grains, in small.</summary>
public sealed class ExperimentTests(ClusterFixture fixture)
{
    [Theory, InlineData(3, 256), InlineData(1, 1000)]
    public async Task Experiment_LoopInATick_FansOutAndTellsItsWatchers(int roundCount, int userCount)
    {
        var loop = fixture.Grains.GetGrain<ILoopGrain>(Signals.NewKey());
        var watchers = Enumerable.Range(0, 3).Select(_ => WatchAsync(loop)).ToList();
        await loop.StartAsync(roundCount, userCount);
        Assert.InRange(await loop.RoundAsync(), 0, roundCount);
        var expected = Enumerable.Range(0, roundCount)
            .Select(round => new RoundReport(round, (long)userCount * (userCount - 1) / 2));
        foreach (var reports in await Task.WhenAll(watchers))
        {
            Assert.Equal(expected, reports);
        }

        Assert.Equal(2, (await loop.PartialSilosAsync()).Length);
    }

    [Fact]
    public async Task Experiment_WatcherLeaves_LoopGoesOn()
    {
        var loop = fixture.Grains.GetGrain<ILoopGrain>(Signals.NewKey());
        using var cancellation = new CancellationTokenSource();
        var leaving = Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var report in loop.WatchAsync(cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        });
        await loop.StartAsync(5, 20);
        await leaving;
        Assert.Equal(5, (await WatchAsync(loop)).Count);
    }

    private static async Task<List<RoundReport>> WatchAsync(ILoopGrain loop)
    {
        var reports = new List<RoundReport>();
        await foreach (var report in loop.WatchAsync())
        {
            reports.Add(report);
        }

        return reports;
    }
}
