using System.Collections.Immutable;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Experiments;

/// <summary>The submissions of a cluster, in order of arrival.</summary>
[GenerateSerializer, Alias("comigs.RunsState")]
public sealed record RunsState
{
    [Id(0)] public ImmutableArray<Submission> Submissions { get; init; } = [];

    /// <summary>Specs of runs that have not been started yet: between a submission and its start the cluster may
    /// die.</summary>
    [Id(1)] public ImmutableArray<RunSpec> ToStart { get; init; } = [];

    /// <summary>Runs that may still be under way.</summary>
    [Id(2)] public ImmutableArray<string> Open { get; init; } = [];
}
