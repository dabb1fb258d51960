using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Experiments;

/// <summary>The spec of a run, written once.</summary>
[GenerateSerializer, Alias("comigs.StartedRun")]
public sealed record StartedRun
{
    /// <summary>Null before the start.</summary>
    [Id(0)] public RunSpec? Spec { get; init; }
}
