using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace CoMiGS.Interfaces.Experiments;

/// <summary>One line of a fault plan: what goes wrong, for whom, when. Whether it does in a given round is a function
/// of (seed, kind, round, user).</summary>
[GenerateSerializer, Immutable, Alias("comigs.FaultRule")]
public sealed record FaultRule
{
    /// <summary>Has no default.</summary>
    [Id(0)] public FaultKind? Kind { get; init; }

    /// <summary>Per round, and per user where the kind concerns users.</summary>
    [Id(1), Range(0.0, 1.0)] public double Probability { get; init; } = 1;

    /// <summary>Ids of the users it may befall; empty = all.</summary>
    [Id(2)] public ImmutableArray<string> Users { get; init; } = [];

    /// <summary>Rounds in which it may happen, from 1; empty = all.</summary>
    [Id(3)] public ImmutableArray<int> Rounds { get; init; } = [];

    /// <summary>slow: how many times as long the user's device computes. scale: what its upload is multiplied
    /// by.</summary>
    [Id(4), Range(-1e9, 1e9)] public double? Factor { get; init; }

    /// <summary>delay: median of what its answer takes longer, in seconds of the virtual clock.</summary>
    [Id(5), Range(0, 1e9)] public double? Seconds { get; init; }

    /// <summary>delay: standard deviation of the logarithm of the seconds; 0 = always the same.</summary>
    [Id(6), Range(0.0, 5.0)] public double Spread { get; init; }

    /// <summary>killSilo: its number among the silos of the process, from 2: the first one keeps the list of
    /// silos.</summary>
    [Id(7), Range(2, 1024)] public int? Silo { get; init; }

    /// <summary>killSilo: rounds after which it is back; 0 = it stays away.</summary>
    [Id(8), Range(0, 1_000_000)] public int Back { get; init; } = 1;
}

/// <summary>What can go wrong. Everything happens on a call's way, in storage, in the trainer or to a silo; the
/// algorithm does not know.</summary>
[GenerateSerializer, Alias("comigs.FaultKind")]
public enum FaultKind
{
    /// <summary>The user does not get its ticket.</summary>
    DropBefore,

    /// <summary>The user disappears half-way through training.</summary>
    DropDuring,

    /// <summary>The user trains and saves, but nothing of it arrives.</summary>
    DropAfter,

    /// <summary>The user's receipt arrives, its parameters do not.</summary>
    LoseUpload,

    /// <summary>The user's parameters arrive twice.</summary>
    DuplicateUpload,

    /// <summary>The user's answer takes longer, on the virtual clock.</summary>
    Delay,

    /// <summary>The user's device computes more slowly, on the virtual clock.</summary>
    Slow,

    /// <summary>One of the parameters that arrive is no number.</summary>
    NotANumber,

    /// <summary>One parameter too few arrives.</summary>
    WrongShape,

    /// <summary>The parameters arrive multiplied by a factor.</summary>
    Scale,

    /// <summary>The parameters arrive with the other sign.</summary>
    FlipSign,

    /// <summary>The user's activation dies half-way through training; a new one knows what was saved.</summary>
    Crash,

    /// <summary>The user's state cannot be written.</summary>
    FailWrite,

    /// <summary>Half of the user's state is written, and the disk says that all is well.</summary>
    TearWrite,

    /// <summary>A silo dies when the round begins, with everything in its memory.</summary>
    KillSilo,

    /// <summary>The aggregator's activation dies before it averages.</summary>
    LoseAggregator,
}
