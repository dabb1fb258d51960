using CoMiGS.Grains.Training;

namespace CoMiGS.Silo;

/// <summary>What one process lends to its silos.</summary>
public sealed record SiloSettings
{
    /// <summary>Folder of all states: grain states, users' parameters, generalists, reports. Absolute; on a cluster,
    /// shared.</summary>
    public required string StateFolder { get; init; }

    /// <summary>The process's device: trainers by base model. Whoever made it disposes of it, after the
    /// silos.</summary>
    public required TrainerPool Trainers { get; init; }

    /// <summary>Users of a silo whose parameters are in memory at a time, at least 1; the others of a round
    /// wait.</summary>
    public int ConcurrentUsers { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>What rounds are timed and ended by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
