using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>When a grain timer ticks. <see cref="Timeout.InfiniteTimeSpan"/> stands for never.</summary>
public readonly struct GrainTimerCreationOptions()
{
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this() => (DueTime, Period) = (dueTime, period);

    /// <summary>Time to the first tick.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>Time from the end of one tick to the next, so ticks never overlap.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether a tick may run between the turns of calls; otherwise it waits like a call.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether ticks keep the activation from idle deactivation.</summary>
    public bool KeepAlive { get; init; }
}
