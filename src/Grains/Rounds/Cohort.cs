namespace CoMiGS.Grains.Rounds;

/// <summary>Who takes part in a round.</summary>
/// <param name="Users">Indices into the spec, ascending.</param>
/// <param name="Resting">Those of them who are not in the next round.</param>
internal sealed record Cohort(IReadOnlyList<int> Users, IReadOnlySet<int> Resting);
