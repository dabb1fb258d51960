namespace CoMiGS.Learning.Experts;

/// <summary>Sizes of one user's adapters. Users of equal shape can be trained in one stack.</summary>
/// <param name="ExpertCount">MLP experts n, 1 to 8; expert 0 is the generalist.</param>
/// <param name="MlpRank">LoRA rank of the experts.</param>
/// <param name="AttentionRank">LoRA rank of the attention adapters (qkv and output projection).</param>
/// <param name="Alpha">LoRA alpha; an adapter adds γ·B(A x) with γ = α/√r.</param>
/// <param name="TopK">Experts a token is routed to; the smaller of this and <paramref name="ExpertCount"/>
/// applies.</param>
/// <param name="HasRouter">False: the outputs of all experts are averaged with weight 1/n.</param>
public sealed record AdapterShape(
    int ExpertCount, int MlpRank, int AttentionRank, float Alpha, int TopK, bool HasRouter)
{
    /// <summary>k = min(top_k, n).</summary>
    public int RoutedCount => Math.Min(TopK, ExpertCount);

    /// <summary>Whether a router decides: with one expert there is nothing to decide.</summary>
    public bool Routes => HasRouter && ExpertCount > 1;

    public float MlpScale => Alpha / MathF.Sqrt(MlpRank);

    public float AttentionScale => Alpha / MathF.Sqrt(AttentionRank);

    /// <summary>γ of an adapter.</summary>
    public float ScaleOf(AdapterSite site) =>
        site is AdapterSite.MlpInput or AdapterSite.MlpOutput ? MlpScale : AttentionScale;
}
