using CoMiGS.Interfaces.Aggregation;

namespace CoMiGS.Grains.Aggregation;

/// <summary>What the aggregator answered last. <see cref="Kept"/> holds the hashes whose bytes are stored, newest last.
/// </summary>
[GenerateSerializer, Alias("comigs.AggregatorState")]
public sealed record AggregatorState
{
    [Id(0)] public int Round { get; init; } = -1;

    [Id(1)] public int Attempt { get; init; } = -1;

    [Id(2)] public Aggregate? Answer { get; init; }

    [Id(3)] public string[] Kept { get; init; } = [];
}
