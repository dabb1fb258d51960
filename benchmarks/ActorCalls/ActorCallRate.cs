using System.Diagnostics;

namespace CoMiGS.Benchmarks;

/// <summary>One measurement of warm grain calls.</summary>
/// <param name="CallsPerSecond">Calls answered a second, all callers together.</param>
/// <param name="BytesPerCall">Managed memory allocated a call.</param>
public sealed record ActorCallRate(int CallerCount, double CallsPerSecond, double BytesPerCall)
{
    /// <summary>Each caller calls its own grain, one call after another, for the given time.</summary>
    public static async Task<ActorCallRate> MeasureAsync(IGrainFactory grains, int callerCount, TimeSpan duration)
    {
        await CallAllAsync(grains, callerCount, duration / 2);
        var bytes = GC.GetTotalAllocatedBytes();
        var started = Stopwatch.GetTimestamp();
        var callCount = await CallAllAsync(grains, callerCount, duration);
        var elapsed = Stopwatch.GetElapsedTime(started);
        return new(
            callerCount,
            callCount / elapsed.TotalSeconds,
            (GC.GetTotalAllocatedBytes() - bytes) / (double)callCount);
    }

    private static async Task<long> CallAllAsync(IGrainFactory grains, int callerCount, TimeSpan duration)
    {
        var end = Environment.TickCount64 + (long)duration.TotalMilliseconds;
        var counts = await Task.WhenAll(Enumerable.Range(0, callerCount).Select(caller => Task.Run(async () =>
        {
            var grain = grains.GetGrain<ICounterGrain>($"counter-{caller}");
            var count = 0L;
            for (; Environment.TickCount64 < end; count++)
            {
                await grain.AddAsync(1);
            }

            return count;
        })));
        return counts.Sum();
    }
}
