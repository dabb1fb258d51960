using System.Diagnostics;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Results;

namespace CoMiGS.Driver.Benching;

/// <summary>How many calls a second the actor runtime makes: callers of one silo ask grains of the same silo for next
/// to nothing, each its own grain, one call after another.</summary>
internal sealed class ActorCalls(BenchSizes sizes) : IBenchPart
{
    public string Name => "calls";

    public double EstimateSeconds => 2 + (1.5 * sizes.CallSeconds * sizes.Callers.Length);

    public async Task MeasureAsync(Action<BenchFigure> report, CancellationToken stop)
    {
        using var folder = new TemporaryFolder();
        await TinyCluster.WithGrainsAsync(folder, stop, async grains =>
        {
            foreach (var callers in sizes.Callers)
            {
                report(await MeasureAsync(grains, callers, stop));
            }
        });
    }

    private async Task<BenchFigure> MeasureAsync(IGrainFactory grains, int callers, CancellationToken stop)
    {
        await CallAsync(grains, callers, sizes.CallSeconds / 2, stop);
        var bytes = GC.GetTotalAllocatedBytes();
        var started = Stopwatch.GetTimestamp();
        var calls = await CallAsync(grains, callers, sizes.CallSeconds, stop);
        var rate = calls / Stopwatch.GetElapsedTime(started).TotalSeconds;
        var bytesPerCall = (GC.GetTotalAllocatedBytes() - bytes) / (double)calls;
        return new(
            Name, "callRate", $"warm calls between grains, {Figures.Plural(callers, "caller")}", Readings.Of(rate),
            "calls/s", $"{bytesPerCall:0} bytes a call", new { callers, bytesPerCall });
    }

    private static async Task<long> CallAsync(
        IGrainFactory grains, int callers, double seconds, CancellationToken stop)
    {
        var end = Environment.TickCount64 + (long)(1000 * seconds);
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                var grain = grains.GetGrain<IExperimentGrain>($"caller-{caller}");
                var count = 0L;
                do
                {
                    await grain.GetStatusAsync();
                    count++;
                }
                while (Environment.TickCount64 < end && !stop.IsCancellationRequested);

                return count;
            },
            stop)));
        return counts.Sum();
    }
}
