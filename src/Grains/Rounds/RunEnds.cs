namespace CoMiGS.Grains.Rounds;

/// <summary>The two ways in which what is under way may end early.</summary>
/// <param name="Stopped">Somebody stopped the run: users are told.</param>
/// <param name="Left">This activation is no longer the run's, because its silo leaves: the run goes on elsewhere, so
/// nobody is told.</param>
/// <param name="Either">One or the other.</param>
internal sealed record RunEnds(CancellationToken Stopped, CancellationToken Left, CancellationToken Either);
