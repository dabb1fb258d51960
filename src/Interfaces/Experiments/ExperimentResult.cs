using System.Collections.Immutable;
using CoMiGS.Interfaces.Metrics;

namespace CoMiGS.Interfaces.Experiments;

/// <summary>The figures of a finished run.</summary>
[GenerateSerializer, Immutable, Alias("comigs.ExperimentResult")]
public sealed record ExperimentResult
{
    [Id(0)] public required string Experiment { get; init; }

    [Id(1)] public required int Rounds { get; init; }

    [Id(2)] public required ImmutableArray<UserResult> Users { get; init; }

    /// <summary>Tokens that went forward and backward, both phases, all users.</summary>
    [Id(3)] public required long TrainedTokens { get; init; }

    /// <summary>Seconds spent in rounds, without measuring.</summary>
    [Id(4)] public required double TrainingSeconds { get; init; }

    /// <summary>Bytes of adapters users sent, all rounds.</summary>
    [Id(5)] public required long BytesSent { get; init; }

    /// <summary>Bytes of parameters that went from one silo to another, all rounds.</summary>
    [Id(6)] public required long BytesAcrossSilos { get; init; }

    /// <summary>The virtual clock at the end, in seconds; null where users have no devices.</summary>
    [Id(7)] public double? SimulatedSeconds { get; init; }
}

/// <summary>One user at the end of a run, measured on every target in full.</summary>
[GenerateSerializer, Immutable, Alias("comigs.UserResult")]
public sealed record UserResult
{
    [Id(0)] public required string Id { get; init; }

    [Id(1)] public required int Experts { get; init; }

    /// <summary>Tokens of the train shard, without the holdout.</summary>
    [Id(2)] public required long TrainTokens { get; init; }

    /// <summary>In the order of the user's targets.</summary>
    [Id(3)] public required ImmutableArray<TargetResult> Targets { get; init; }
}

/// <summary>Cross-entropy in nats over every token of a target's fixed windows.</summary>
[GenerateSerializer, Immutable, Alias("comigs.TargetResult")]
public sealed record TargetResult
{
    [Id(0)] public required string Name { get; init; }

    /// <summary>The trained user.</summary>
    [Id(1)] public required Weighted Loss { get; init; }

    /// <summary>The base without adapters, on the same windows.</summary>
    [Id(2)] public required Weighted BaseLoss { get; init; }

    /// <summary>Per block: share of tokens whose top-1 expert is the generalist. Empty when the user has no
    /// router.</summary>
    [Id(3)] public required ImmutableArray<double> GeneralistShare { get; init; }
}
