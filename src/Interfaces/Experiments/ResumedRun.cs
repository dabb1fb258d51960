using System.Collections.Immutable;

namespace CoMiGS.Interfaces.Experiments;

/// <summary>Where a run goes on.</summary>
/// <param name="Rounds">Rounds that count: all of them when it has finished; 0 when it starts at the beginning.</param>
/// <param name="Remarks">A sentence for each damaged or missing file of the state, naming it.</param>
[GenerateSerializer, Immutable, Alias("comigs.ResumedRun")]
public sealed record ResumedRun(
    [property: Id(0)] string Experiment, [property: Id(1)] int Rounds,
    [property: Id(2)] ImmutableArray<string> Remarks);

/// <summary>The stored state of a run is damaged beyond what its manifests can do. The message is one sentence for a
/// person that names the files.</summary>
[GenerateSerializer, Alias("comigs.RunDamagedException")]
public sealed class RunDamagedException(string message) : Exception(message);
