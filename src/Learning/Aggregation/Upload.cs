using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Aggregation;

/// <summary>What one user sent.</summary>
/// <param name="Weight">In (0, 1], relative to the heaviest user.</param>
/// <param name="Shared">Names the values; users of different rank have different ones.</param>
/// <param name="Values">[shared length]</param>
public sealed record Upload(string User, double Weight, SharedParameters Shared, float[] Values);
