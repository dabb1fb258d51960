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

    /// <summary>Token shard the experts train on. Absolute.</summary>
    [Id(3)] public required string Train { get; init; }

    /// <summary>Last part of the train shard kept out of training, as a fraction in [0, 0.5].</summary>
    [Id(4)] public double Holdout { get; init; }

    /// <summary>Token shards the router's batches come from, each as likely as the others.</summary>
    [Id(5)] public required ImmutableArray<string> Valid { get; init; }

    /// <summary>What the user is measured on, first the one it is trained for.</summary>
    [Id(6)] public required ImmutableArray<TargetSpec> Targets { get; init; }
}

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
