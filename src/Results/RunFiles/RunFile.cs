using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Results.RunFiles;

/// <summary>A run file: one experiment, its baselines, its users. Every property is a key in camelCase; what is not
/// written has the default that stands here or in the section's record.
/// To add a key: the property here, with range and default; its use in <see cref="Arms"/>.</summary>
internal sealed record RunFile
{
    /// <summary>Name of the results folder: letters, digits, '.', '_' and '-'.</summary>
    public string Name { get; init; } = "";

    /// <summary>Everything random is a function of it.</summary>
    public ulong Seed { get; init; } = 1;

    [Range(1, 1_000_000)] public int Rounds { get; init; } = 20;

    /// <summary>The main method: summary.json is about it.</summary>
    public string Method { get; init; } = "comigs-1g1s";

    /// <summary>Further methods on the same users; the main one may be among them.</summary>
    public ImmutableArray<string> Baselines { get; init; } = [];

    /// <summary>What users are trained for and measured on: own, mixture. The first is the main one.</summary>
    public ImmutableArray<string> Targets { get; init; } = [OwnTarget];

    /// <summary>Folder of the base model, relative to the run file.</summary>
    public string Base { get; init; } = "";

    public DataSection Data { get; init; } = new();

    /// <summary>A list, or all: every user of the dataset.</summary>
    public ImmutableArray<UserEntry> Users { get; init; } = [];

    public ExpertSpec Experts { get; init; } = new();

    public TrainingSpec Training { get; init; } = new();

    public RouterSpec Router { get; init; } = new();

    public AggregationSpec Aggregation { get; init; } = new();

    public EvaluationSpec Evaluation { get; init; } = new();

    public RoundSpec Round { get; init; } = new();

    public CheckpointSpec Checkpoints { get; init; } = new();

    /// <summary>Whether every user's adapters are written when the run ends.</summary>
    public bool Adapters { get; init; } = true;

    /// <summary>What goes wrong on purpose: a list of rules.</summary>
    public ImmutableArray<FaultRule> Faults { get; init; } = [];

    /// <summary>Null: users have none.</summary>
    public DevicesSection? Devices { get; init; }

    /// <summary>Where it was read from, for messages; not a key.</summary>
    internal string Source { get; init; } = "run file";

    internal const string OwnTarget = "own";
    internal const string MixtureTarget = "mixture";

    /// <summary>Sections of single methods, laid over the file's own. Key 'methods' of the file.</summary>
    internal ImmutableSortedDictionary<string, MethodSettings> Methods { get; init; } =
        ImmutableSortedDictionary<string, MethodSettings>.Empty;

    /// <summary>The sections a method runs with.</summary>
    internal MethodSettings SettingsOf(string method) =>
        Methods.GetValueOrDefault(method)
        ?? new() { Experts = Experts, Training = Training, Router = Router, Aggregation = Aggregation };
}

/// <summary>Where the users' shards lie: FOLDER/USER/{train,valid,test}.bin and, for the traces,
/// FOLDER/USER/sample.txt.</summary>
internal sealed record DataSection
{
    /// <summary>Relative to the run file.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Last part of every train shard that is kept out of training.</summary>
    [Range(0, 0.5)] public double Holdout { get; init; }

    /// <summary>What perplexities are measured on; tune on the holdout, report on test.</summary>
    public MeasuredText Evaluate { get; init; } = MeasuredText.Test;
}

internal enum MeasuredText
{
    Test,
    Holdout,
}

/// <summary>A user: an id alone, or an object.</summary>
internal sealed record UserEntry
{
    /// <summary>Letters, digits, '.', '_' and '-'; or *, for every user of the dataset.</summary>
    public string Id { get; init; } = "";

    /// <summary>Users like this one, ID-1 to ID-n.</summary>
    [Range(1, Population.MostUsers)] public int Count { get; init; } = 1;

    /// <summary>Name of the folder with the user's texts; its id otherwise.</summary>
    public string? Data { get; init; }

    /// <summary>MLP experts; the file's own 'experts.count' otherwise.</summary>
    [Range(1, 8)] public int? Experts { get; init; }

    /// <summary>LoRA rank of the MLP experts; the file's own 'experts.mlpRank' otherwise.</summary>
    [Range(1, 1024)] public int? MlpRank { get; init; }

    /// <summary>LoRA rank of the attention adapters; the file's own 'experts.attentionRank' otherwise.</summary>
    [Range(1, 1024)] public int? AttentionRank { get; init; }

    /// <summary>AdamW steps a round; the file's own 'training.localSteps' otherwise.</summary>
    [Range(1, 100_000)] public int? LocalSteps { get; init; }

    /// <summary>Sequences in a micro-batch; the file's own 'training.microBatch' otherwise.</summary>
    [Range(1, 4096)] public int? MicroBatch { get; init; }

    /// <summary>Part of the train shard that the user has; otherwise all of it, or of n users each its own n-th.
    /// </summary>
    [Range(0.000_001, 1)] public double? Share { get; init; }

    /// <summary>Where that part begins, as a fraction of the train shard; not a key.</summary>
    internal double Start { get; init; }
}

/// <summary>The sections that can differ from method to method.</summary>
internal sealed record MethodSettings
{
    public ExpertSpec Experts { get; init; } = new();

    public TrainingSpec Training { get; init; } = new();

    public RouterSpec Router { get; init; } = new();

    public AggregationSpec Aggregation { get; init; } = new();
}
