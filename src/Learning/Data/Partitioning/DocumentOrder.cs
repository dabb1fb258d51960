namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>A shuffle that depends on seed, purpose and text alone: another document, or another order of the input,
/// moves no pair of documents against each other.</summary>
internal static class DocumentOrder
{
    /// <summary>Sort by it.</summary>
    public static ulong Key(ulong seed, string purpose, string text) =>
        Randomness.Of(seed, Randomness.Key(purpose), Randomness.Key(text)).NextUInt64();
}
