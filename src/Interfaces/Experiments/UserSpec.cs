using System.Collections.Immutable;

namespace CoMiGS.Interfaces.Experiments;

/// <summary>One user: who it is, what it can afford, and where its data lies.</summary>
[GenerateSerializer, Immutable, Alias("comigs.UserSpec")]
public sealed record UserSpec
{
    /// <summary>Letters, digits, '.', '_' and '-'; distinct within a run.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>MLP experts n, 1 to 8; expert 0 is the generalist.</summary>
    [Id(1)] public required int Experts { get; init; }

    /// <summary>LoRA rank of the MLP experts.</summary>
    [Id(2)] public required int MlpRank { get; init; }

    /// <summary>LoRA rank of the attention adapters.</summary>
    [Id(3)] public required int AttentionRank { get; init; }

    /// <summary>AdamW steps of the experts per round, at least 1.</summary>
    [Id(4)] public required int LocalSteps { get; init; }

    /// <summary>Sequences in a micro-batch, at least 1.</summary>
    [Id(5)] public required int MicroBatch { get; init; }

    /// <summary>Micro-batches whose gradients are averaged for one step, at least 1.</summary>
    [Id(6)] public required int Accumulation { get; init; }

    /// <summary>How much its parameters count in the mean, in (0, 1]: 1 for the heaviest user.</summary>
    [Id(7)] public double Weight { get; init; } = 1;

    /// <summary>False: the user is measured with what the others share, and never trains.</summary>
    [Id(8)] public bool Trains { get; init; } = true;

    /// <summary>What the experts train on; windows come from each as likely as it is long.</summary>
    [Id(9)] public required ImmutableArray<TrainText> Train { get; init; }

    /// <summary>Last part of a train shard kept out of training, as a fraction in [0, 0.5].</summary>
    [Id(10)] public double Holdout { get; init; }

    /// <summary>Token shards the router's batches come from, each as likely as the others.</summary>
    [Id(11)] public required ImmutableArray<string> Valid { get; init; }

    /// <summary>What the user is measured on, first the one it is trained for.</summary>
    [Id(12)] public required ImmutableArray<TargetSpec> Targets { get; init; }

    /// <summary>Null: its rounds take no simulated time.</summary>
    [Id(13)] public DeviceSpec? Device { get; init; }

    /// <summary>How likely it is to be drawn where <see cref="RoundSpec.Sampling"/> goes by size, relative to the
    /// others; above 0.</summary>
    [Id(14)] public double SamplingWeight { get; init; } = 1;
}

/// <summary>A train shard, or a part of it.</summary>
/// <param name="Shard">Token shard. Absolute.</param>
/// <param name="Share">Part of what is not held out, in (0, 1].</param>
/// <param name="Start">Where the part begins, from 0 to 1 − share.</param>
[GenerateSerializer, Immutable, Alias("comigs.TrainText")]
public sealed record TrainText(
    [property: Id(0)] string Shard, [property: Id(1)] double Share, [property: Id(2)] double Start = 0);

/// <summary>Text a user is measured on. With k shards every k-th window of each is used, so that a mixture is as large
/// as one shard and holds all of them alike.</summary>
[GenerateSerializer, Immutable, Alias("comigs.TargetSpec")]
public sealed record TargetSpec
{
    /// <summary>Name in tables, e.g. own or mixture.</summary>
    [Id(0)] public required string Name { get; init; }

    [Id(1)] public required ImmutableArray<string> Shards { get; init; }

    /// <summary>True: the held-out end of these train shards is measured instead of the whole shards.</summary>
    [Id(2)] public bool IsHoldout { get; init; }
}
