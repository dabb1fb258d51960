using System.Collections.Immutable;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Rounds;

/// <summary>The manifest of a run: where it stands, and which state of every user belongs to it. Saved whole at the end
/// of each round; going on after a crash starts from here and nowhere else.</summary>
[GenerateSerializer, Alias("comigs.RunProgress")]
public sealed record RunProgress
{
    [Id(0)] public ExperimentPhase Phase { get; init; }

    /// <summary>Rounds committed.</summary>
    [Id(1)] public int NextRound { get; init; }

    /// <summary>Content hash of the generalists the next round starts from; null when the method shares
    /// nothing.</summary>
    [Id(2)] public string? Generalist { get; init; }

    /// <summary>Per user of the spec: the round whose end left its state; -1 = none.</summary>
    [Id(3)] public ImmutableArray<int> Versions { get; init; } = [];

    /// <summary>Tokens that went forward and backward so far.</summary>
    [Id(4)] public long TrainedTokens { get; init; }

    [Id(5)] public double TrainingSeconds { get; init; }

    [Id(6)] public long BytesSent { get; init; }

    /// <summary>Why the run failed; null otherwise.</summary>
    [Id(7)] public string? Error { get; init; }

    [Id(8)] public long BytesAcrossSilos { get; init; }

    public bool IsOver => Phase.IsOver();

    /// <param name="index">Of the user in the spec.</param>
    public int VersionOf(int index) => Versions[index];

    /// <summary>The manifest after a round.</summary>
    internal RunProgress After(RoundOutcome outcome, ImmutableArray<UserSpec> users, double trainingSeconds)
    {
        var changed = outcome.Receipts.Where(receipt => receipt.Tokens > 0).Select(receipt => receipt.User)
            .ToHashSet();
        return this with
        {
            NextRound = NextRound + 1,
            Generalist = outcome.Generalist,
            Versions =
                [.. Versions.Select((version, index) => changed.Contains(users[index].Id) ? NextRound : version)],
            TrainedTokens = TrainedTokens + outcome.Receipts.Sum(receipt => receipt.Tokens),
            TrainingSeconds = TrainingSeconds + trainingSeconds,
            BytesSent = BytesSent + outcome.Receipts.Sum(receipt => receipt.BytesSent),
            BytesAcrossSilos = BytesAcrossSilos + outcome.BytesAcrossSilos,
        };
    }
}
