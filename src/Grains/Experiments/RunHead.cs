using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Experiments;

/// <summary>Which manifest counts, and whether the run goes on. Small, and stored last: with it a round is
/// committed.</summary>
[GenerateSerializer, Alias("comigs.RunHead")]
public sealed record RunHead
{
    [Id(0)] public ExperimentPhase Phase { get; init; }

    /// <summary>Rounds committed: the manifest's name.</summary>
    [Id(1)] public int Round { get; init; }

    /// <summary>Why the run failed; null otherwise.</summary>
    [Id(2)] public string? Error { get; init; }

    /// <summary>How often the run has come back to life.</summary>
    [Id(3)] public int Life { get; init; }

    public bool IsOver => Phase.IsOver();
}
