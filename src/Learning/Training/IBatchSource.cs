namespace CoMiGS.Learning.Training;

/// <summary>Where a user's micro-batches come from. A pure function of its arguments, so that a repeated round sees the
/// same text; called from any thread.</summary>
public interface IBatchSource
{
    /// <summary>Writes the <paramref name="index"/>-th micro-batch that this round draws from the split (0-based,
    /// counted per split).</summary>
    /// <param name="tokens">[sequences · length], sequence by sequence.</param>
    /// <param name="targets">The tokens that follow, same shape.</param>
    void Fill(DataSplit split, int index, Span<int> tokens, Span<int> targets);
}
