using CoMiGS.Interfaces.Metrics;

namespace CoMiGS.Interfaces.Users;

/// <summary>A user's answer to a ticket: figures only, no parameters.</summary>
[GenerateSerializer, Immutable, Alias("comigs.UserReceipt")]
public sealed record UserReceipt
{
    [Id(0)] public required string User { get; init; }

    [Id(1)] public required int Round { get; init; }

    [Id(2)] public required int Attempt { get; init; }

    /// <summary>Silo whose partial sum holds the user's generalists.</summary>
    [Id(3)] public required string Silo { get; init; }

    /// <summary>Cross-entropy of the train batches, nats over tokens.</summary>
    [Id(4)] public required Weighted TrainLoss { get; init; }

    /// <summary>Cross-entropy of the router's batches, nats over tokens; no weight in rounds without a router
    /// phase.</summary>
    [Id(5)] public required Weighted RouterLoss { get; init; }

    /// <summary>Tokens that went forward and backward, both phases; none: the user is as it was.</summary>
    [Id(6)] public required long Tokens { get; init; }

    /// <summary>Bytes of adapters sent.</summary>
    [Id(7)] public required long BytesSent { get; init; }

    /// <summary>From the ticket's arrival to the answer; little where the round had been trained before, by an
    /// activation that was lost.</summary>
    [Id(8)] public required double ElapsedSeconds { get; init; }

    /// <summary>What <see cref="ElapsedSeconds"/> is made of.</summary>
    [Id(9)] public UserPhases Phases { get; init; }

    /// <summary>The sum of that silo that took them; empty where nothing is sent.</summary>
    [Id(10)] public Guid Sum { get; init; }
}
