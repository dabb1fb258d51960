namespace CoMiGS.Benchmarks;

/// <summary>What activations cost.</summary>
/// <param name="BytesPerActivation">Managed memory an idle activation keeps, its grain included.</param>
public sealed record ActivationFootprint(int ActivationCount, double BytesPerActivation)
{
    /// <summary>Activates so many new grains by one call each.</summary>
    public static async Task<ActivationFootprint> MeasureAsync(IGrainFactory grains, int activationCount)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var chunk in Enumerable.Range(0, activationCount).Chunk(1000))
        {
            await Task.WhenAll(chunk.Select(number => grains.GetGrain<ICounterGrain>($"idle-{number}").AddAsync(1)));
        }

        var after = GC.GetTotalMemory(forceFullCollection: true);
        return new(activationCount, (after - before) / (double)activationCount);
    }
}
