using CoMiGS.Grains.Placement;
using CoMiGS.Grains.Training;
using CoMiGS.Silo.Telemetry;

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

    /// <summary>What the silo can carry.</summary>
    public SiloCapacity Capacity { get; init; } = new(TrainerSlots: 2 * Environment.ProcessorCount);

    /// <summary>Where traces, metrics and logs go; null: nowhere.</summary>
    public ExportSettings? Export { get; init; }

    /// <summary>Time that users under way have to finish once the silo is told to stop.</summary>
    public TimeSpan Drain { get; init; }

    /// <summary>What rounds are timed and ended by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
