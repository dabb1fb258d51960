using System.Collections.Immutable;

namespace CoMiGS.Interfaces.Experiments;

/// <summary>One run of one method, fully resolved: nothing is looked up or defaulted after this. A run file may expand
/// into several (a method and its baselines).</summary>
[GenerateSerializer, Immutable, Alias("comigs.RunSpec")]
public sealed record RunSpec
{
    /// <summary>Key of the experiment grain and first part of every user's key; unique within a cluster.</summary>
    [Id(0)] public required string Experiment { get; init; }

    /// <summary>Name in the catalogue of methods, e.g. comigs-1g1s.</summary>
    [Id(1)] public required string Method { get; init; }

    [Id(2)] public required ulong Seed { get; init; }

    /// <summary>Rounds, at least 1.</summary>
    [Id(3)] public required int Rounds { get; init; }

    /// <summary>Folder of the base model: config.json, model.safetensors, tokenizer.json. Absolute.</summary>
    [Id(4)] public required string Base { get; init; }

    [Id(5)] public required TrainingSpec Training { get; init; }

    [Id(6)] public required ExpertSpec Experts { get; init; }

    [Id(7)] public required RouterSpec Router { get; init; }

    [Id(8)] public required EvaluationSpec Evaluation { get; init; }

    [Id(9)] public required RoundSpec Round { get; init; }

    /// <summary>Sorted by id, ids distinct.</summary>
    [Id(10)] public required ImmutableArray<UserSpec> Users { get; init; }

    /// <summary>Folder of this run's results. Absolute; on a cluster, shared.</summary>
    [Id(11)] public required string Output { get; init; }

    [Id(13)] public AggregationSpec Aggregation { get; init; } = new();

    /// <summary>What goes wrong on purpose; empty: nothing does.</summary>
    [Id(14)] public ImmutableArray<FaultRule> Faults { get; init; } = [];

    [Id(15)] public CheckpointSpec Checkpoints { get; init; } = new();

    /// <summary>Run that has to finish before this one begins; null: none. If it does not finish, neither does this
    /// one.</summary>
    [Id(12)] public string? After { get; init; }
}
