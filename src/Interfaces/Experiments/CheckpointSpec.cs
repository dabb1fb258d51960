using System.ComponentModel.DataAnnotations;

namespace CoMiGS.Interfaces.Experiments;

/// <summary>How far back a run can go when a file of its state is damaged.</summary>
[GenerateSerializer, Immutable, Alias("comigs.CheckpointSpec")]
public sealed record CheckpointSpec
{
    /// <summary>Manifests that are kept, newest first; with each, the state it names of every user.</summary>
    [Id(0), Range(1, 1000)] public int Keep { get; init; } = 2;
}
