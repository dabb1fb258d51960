namespace CoMiGS.Interfaces.Experiments;

[GenerateSerializer, Alias("comigs.ExperimentPhase")]
public enum ExperimentPhase
{
    NotStarted,
    Running,
    Finished,
    Failed,
    Stopped,
}

public static class ExperimentPhases
{
    public static bool IsOver(this ExperimentPhase phase) =>
        phase is ExperimentPhase.Finished or ExperimentPhase.Failed or ExperimentPhase.Stopped;
}

/// <summary>Where a run stands.</summary>
/// <param name="NextRound">Rounds committed so far; the next round's index.</param>
/// <param name="Error">Why it failed, one sentence; null otherwise.</param>
[GenerateSerializer, Immutable, Alias("comigs.ExperimentStatus")]
public sealed record ExperimentStatus(
    [property: Id(0)] ExperimentPhase Phase, [property: Id(1)] int NextRound, [property: Id(2)] string? Error)
{
    public bool IsOver => Phase.IsOver();
}

/// <summary>A run that could not go on. The message is one sentence for a person.</summary>
[GenerateSerializer, Alias("comigs.ExperimentFailedException")]
public sealed class ExperimentFailedException : Exception
{
    public ExperimentFailedException(string message)
        : base(message)
    {
    }

    public ExperimentFailedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>The silo that was asked goes away; the run goes on elsewhere, so ask again. The message is one sentence for
/// a person.</summary>
[GenerateSerializer, Alias("comigs.ExperimentInterruptedException")]
public sealed class ExperimentInterruptedException(string message) : Exception(message);
