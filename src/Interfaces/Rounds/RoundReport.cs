using System.Collections.Immutable;
using CoMiGS.Interfaces.Metrics;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Interfaces.Rounds;

/// <summary>One committed round.</summary>
[GenerateSerializer, Immutable, Alias("comigs.RoundReport")]
public sealed record RoundReport
{
    /// <summary>0-based.</summary>
    [Id(0)] public required int Round { get; init; }

    [Id(1)] public required int RoundCount { get; init; }

    /// <summary>Of the users that took part, over exactly whom the mean is. In order of user id.</summary>
    [Id(2)] public required ImmutableArray<UserReceipt> Receipts { get; init; }

    /// <summary>The rest of the cohort, in order of user id.</summary>
    [Id(3)] public required ImmutableArray<string> Missing { get; init; }

    /// <summary>Measurements after this round, in order of user id; empty in rounds without.</summary>
    [Id(4)] public required ImmutableArray<UserEvaluation> Evaluations { get; init; }

    /// <summary>From the first ticket to the commit, without measuring.</summary>
    [Id(5)] public required double TrainingSeconds { get; init; }

    [Id(6)] public required double EvaluationSeconds { get; init; }

    /// <summary>Bytes of adapters the users sent.</summary>
    [Id(7)] public required long BytesSent { get; init; }

    /// <summary>Content hash of the generalists after the round; null when the method shares nothing.</summary>
    [Id(8)] public required string? Generalist { get; init; }

    /// <summary>Bytes of parameters that went from one silo to another: generalists to each silo once, and one partial
    /// sum a silo.</summary>
    [Id(9)] public required long BytesAcrossSilos { get; init; }

    /// <summary>How far the shared adapters' products are from the mean of the users' products, relative to it; null
    /// where no product is averaged.</summary>
    [Id(10)] public double? ProductGap { get; init; }

    /// <summary>Null where users have no devices.</summary>
    [Id(11)] public SimulatedRound? Simulated { get; init; }

    /// <summary>What went wrong, planned or not, in order of user id and kind.</summary>
    [Id(12)] public ImmutableArray<FaultRecord> Faults { get; init; } = [];

    /// <summary>Why the round fell short of its quorum, one sentence; null: it did not.</summary>
    [Id(13)] public string? Failure { get; init; }

    /// <summary>Users by the silo they trained on.</summary>
    public IReadOnlyDictionary<string, int> UsersBySilo => Receipts
        .GroupBy(receipt => receipt.Silo, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Count());

    /// <summary>Cross-entropy of the train batches, nats over tokens, all users.</summary>
    public Weighted TrainLoss => Receipts.Aggregate(default(Weighted), (sum, receipt) => sum + receipt.TrainLoss);

    public long Tokens => Receipts.Sum(receipt => receipt.Tokens);
}
