using System.ComponentModel.DataAnnotations;

namespace CoMiGS.Interfaces.Experiments;

/// <summary>How one user trains in one round. Defaults are the paper's.
/// To add an option: the property here with unit, range and default; its use; a row in RUNFILE.md.</summary>
[GenerateSerializer, Immutable, Alias("comigs.TrainingSpec")]
public sealed record TrainingSpec
{
    /// <summary>AdamW steps of the experts per user per round.</summary>
    [Id(0), Range(1, 100_000)] public int LocalSteps { get; init; } = 10;

    /// <summary>Sequences in a micro-batch.</summary>
    [Id(1), Range(1, 4096)] public int MicroBatch { get; init; } = 64;

    /// <summary>Micro-batches whose gradients are averaged for one step.</summary>
    [Id(2), Range(1, 1024)] public int Accumulation { get; init; } = 1;

    /// <summary>Tokens in a sequence; at most the positions of the base.</summary>
    [Id(3), Range(1, 65_536)] public int SequenceLength { get; init; } = 128;

    /// <summary>First learning rate of the experts' cosine.</summary>
    [Id(4), Range(0.0, 10.0)] public double LearningRate { get; init; } = 2e-3;

    /// <summary>Last learning rate as a share of the first.</summary>
    [Id(5), Range(0.0, 1.0)] public double LearningRateFloor { get; init; } = 0.1;

    [Id(6), Range(0.0, 1.0)] public double WeightDecay { get; init; } = 1e-2;

    [Id(7), Range(0, 0.999999)] public double Beta1 { get; init; } = 0.9;

    [Id(8), Range(0, 0.999999)] public double Beta2 { get; init; } = 0.95;

    [Id(9), Range(1e-30, 1)] public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ of the load-balance term; only methods with a router have one.</summary>
    [Id(10), Range(0.0, 100.0)] public double BalanceWeight { get; init; } = 0.01;

    /// <summary>As what AdamW's moments lie on disk between a user's rounds.</summary>
    [Id(11)] public StoredMoments Moments { get; init; } = StoredMoments.Float32;
}

/// <summary>How AdamW's moments are kept between rounds; within one they are float32.</summary>
[GenerateSerializer, Alias("comigs.StoredMoments")]
public enum StoredMoments
{
    /// <summary>As they are, four bytes each.</summary>
    Float32,

    /// <summary>Rounded to 8 significant bits, two bytes each: a user's state is two thirds as large. What a round
    /// changes by less than 2⁻⁸ of itself may be lost, so (1 − beta2) · localSteps should be well above that.</summary>
    Bfloat16,
}

/// <summary>Adapters of a user, where the user itself says nothing else.</summary>
[GenerateSerializer, Immutable, Alias("comigs.ExpertSpec")]
public sealed record ExpertSpec
{
    /// <summary>MLP experts n; expert 0 is the generalist.</summary>
    [Id(0), Range(1, 8)] public int Count { get; init; } = 2;

    /// <summary>LoRA rank of the MLP experts.</summary>
    [Id(1), Range(1, 1024)] public int MlpRank { get; init; } = 8;

    /// <summary>LoRA rank of the attention adapters.</summary>
    [Id(2), Range(1, 1024)] public int AttentionRank { get; init; } = 8;

    /// <summary>α in γ = α/√r.</summary>
    [Id(3), Range(1e-6, 1e6)] public double Alpha { get; init; } = 16;

    /// <summary>Experts a token is routed to, at most.</summary>
    [Id(4), Range(1, 8)] public int TopK { get; init; } = 2;
}

/// <summary>The router's own phase; used by methods whose router alternates with the experts.</summary>
[GenerateSerializer, Immutable, Alias("comigs.RouterSpec")]
public sealed record RouterSpec
{
    /// <summary>τ: local steps between two router phases, counted across rounds.</summary>
    [Id(0), Range(1, 1_000_000)] public int Every { get; init; } = 30;

    /// <summary>s: AdamW steps of one router phase.</summary>
    [Id(1), Range(1, 100_000)] public int Iterations { get; init; } = 10;

    /// <summary>Constant learning rate of the router.</summary>
    [Id(2), Range(0.0, 10.0)] public double LearningRate { get; init; } = 2e-3;
}

/// <summary>What the server makes of what users send, where the method leaves a choice.</summary>
[GenerateSerializer, Immutable, Alias("comigs.AggregationSpec")]
public sealed record AggregationSpec
{
    /// <summary>How much each user counts in the mean.</summary>
    [Id(0)] public UserWeights Weights { get; init; } = UserWeights.Uniform;

    /// <summary>What the mean is of.</summary>
    [Id(1)] public Averaged Averages { get; init; } = Averaged.Factors;

    /// <summary>Tokens of valid text, spread evenly, on which a user weighs models (pcl, fdlora).</summary>
    [Id(2), Range(1, 1_000_000_000)] public int ValidTokens { get; init; } = 4096;

    /// <summary>γ of the rank's self-pruning (hetlora): the last 1 − γ of a user's rank may go.</summary>
    [Id(3), Range(0.0, 1.0)] public double PruningFactor { get; init; } = 0.99;

    /// <summary>λ of the self-pruning's term in the loss (hetlora).</summary>
    [Id(4), Range(0.0, 100.0)] public double PruningWeight { get; init; } = 5e-3;

    /// <summary>Largest L2 norm of a user's update: what it sends minus what its round started from, over all that it
    /// shares. A user with a larger one is refused, so it is missing from the round; 0 = off.</summary>
    [Id(5), Range(0, 1e9)] public double RejectNorm { get; init; }

    /// <summary>An update with a larger L2 norm is scaled down to this; 0 = off.</summary>
    [Id(6), Range(0, 1e9)] public double ClipNorm { get; init; }

    /// <summary>How the users' values of a coordinate become one.</summary>
    [Id(7)] public Combination Combine { get; init; } = Combination.Mean;

    /// <summary>Share of a round's users cut at each end of every coordinate, below one half, rounded down to whole
    /// users; used by trimmedMean.</summary>
    [Id(8), Range(0, 0.499999)] public double Trim { get; init; } = 0.1;
}

/// <summary>How the users' values of a coordinate become one.</summary>
[GenerateSerializer, Alias("comigs.Combination")]
public enum Combination
{
    /// <summary>Their weighted mean.</summary>
    Mean,

    /// <summary>Their median: of two in the middle the mean.</summary>
    Median,

    /// <summary>Their mean without the lowest and the highest.</summary>
    TrimmedMean,
}

/// <summary>How much each user counts in the mean.</summary>
[GenerateSerializer, Alias("comigs.UserWeights")]
public enum UserWeights
{
    /// <summary>All alike, as in the paper.</summary>
    Uniform,

    /// <summary>By its train tokens.</summary>
    Tokens,
}

/// <summary>What the mean of adapters is of.</summary>
[GenerateSerializer, Alias("comigs.Averaged")]
public enum Averaged
{
    /// <summary>A and B, apart.</summary>
    Factors,

    /// <summary>The products B A; shared is the best part of their mean that has the users' rank (FlexLoRA's
    /// rule).</summary>
    Products,
}

/// <summary>When users are measured while the run goes on. At its end every target is measured in full.</summary>
[GenerateSerializer, Immutable, Alias("comigs.EvaluationSpec")]
public sealed record EvaluationSpec
{
    /// <summary>Rounds between two measurements; 0 = only at the end.</summary>
    [Id(0), Range(0, 1_000_000)] public int Every { get; init; } = 5;

    /// <summary>Tokens per user of a measurement on the way, spread evenly over the first target.</summary>
    [Id(1), Range(1, 1_000_000_000)] public int Tokens { get; init; } = 4096;

    /// <summary>Longest all users of one measurement may take, in seconds; then the run fails.</summary>
    [Id(2), Range(0.001, 4e6)] public double DeadlineSeconds { get; init; } = 86_400;

    /// <summary>Users that are measured, the same ones every time, drawn from the seed; 0 = all, on the way those of
    /// the round.</summary>
    [Id(3), Range(0, 100_000_000)] public int Users { get; init; }
}

/// <summary>Who takes part in a round and when it ends.</summary>
[GenerateSerializer, Immutable, Alias("comigs.RoundSpec")]
public sealed record RoundSpec
{
    /// <summary>Users per round, drawn from (seed, round); 0 = all.</summary>
    [Id(0), Range(0, 100_000_000)] public int Cohort { get; init; }

    /// <summary>Instead of a number: users per round as a share of those who train, rounded, at least one; 0 = it is
    /// not used.</summary>
    [Id(3), Range(0.0, 1.0)] public double CohortFraction { get; init; }

    /// <summary>How they are drawn, without replacement.</summary>
    [Id(4)] public Sampling Sampling { get; init; } = Sampling.Uniform;

    /// <summary>Longest a round may take, in seconds, from its first ticket.</summary>
    [Id(1), Range(0.001, 4e6)] public double DeadlineSeconds { get; init; } = 3600;

    /// <summary>Share of the cohort whose receipts a round needs; below it the round fails and names the
    /// missing.</summary>
    [Id(2), Range(0.0, 1.0)] public double Quorum { get; init; } = 1;

    /// <summary>Longest a user's device may take, in seconds of the virtual clock; whoever needs longer is late and not
    /// trained. Null: every device is waited for.</summary>
    [Id(5), Range(1e-6, 1e9)] public double? SimulatedDeadlineSeconds { get; init; }

    /// <summary>How many times as many users as wanted are asked; the round ends when as many as wanted have answered,
    /// on the virtual clock, and the others' answers are discarded.</summary>
    [Id(6), Range(1.0, 10.0)] public double OverSelection { get; init; } = 1;

    /// <summary>What becomes of a round below its quorum.</summary>
    [Id(7)] public FailedRound OnFailure { get; init; } = FailedRound.Stop;

    /// <summary>Whether only some users are in a round.</summary>
    public bool DrawsCohorts => Cohort > 0 || CohortFraction > 0 || Sampling == Sampling.Availability;
}

/// <summary>What becomes of a round below its quorum.</summary>
[GenerateSerializer, Alias("comigs.FailedRound")]
public enum FailedRound
{
    /// <summary>The run ends there and can be resumed.</summary>
    Stop,

    /// <summary>It is tried again with those who answered, as often as some of them do not; without any, the run
    /// ends.</summary>
    Retry,

    /// <summary>It counts as a round in which nobody took part.</summary>
    Skip,
}

/// <summary>How the users of a round are drawn.</summary>
[GenerateSerializer, Alias("comigs.Sampling")]
public enum Sampling
{
    /// <summary>All alike, available or not.</summary>
    Uniform,

    /// <summary>By their train tokens, available or not.</summary>
    Size,

    /// <summary>All alike of those whose devices are available; fewer than wanted if no more are. While none is, the
    /// round waits on the virtual clock.</summary>
    Availability,
}
