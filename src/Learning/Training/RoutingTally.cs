namespace CoMiGS.Learning.Training;

/// <summary>What the routers of all blocks did with some tokens. Tallies add, in sequence order; shares come last.
/// Every array is [layer, expert], row-major.</summary>
public sealed class RoutingTally(int layerCount, int expertCount)
{
    public int LayerCount => layerCount;

    public int ExpertCount => expertCount;

    /// <summary>Tokens each block routed.</summary>
    public long TokenCount { get; set; }

    /// <summary>Tokens whose top-k contains the expert.</summary>
    public long[] Selected { get; } = new long[layerCount * expertCount];

    /// <summary>Tokens whose largest logit is the expert's.</summary>
    public long[] First { get; } = new long[layerCount * expertCount];

    /// <summary>Sum over tokens of the softmax over all experts.</summary>
    public double[] ProbabilitySum { get; } = new double[layerCount * expertCount];

    public void Add(RoutingTally other)
    {
        TokenCount += other.TokenCount;
        for (var i = 0; i < Selected.Length; i++)
        {
            Selected[i] += other.Selected[i];
            First[i] += other.First[i];
            ProbabilitySum[i] += other.ProbabilitySum[i];
        }
    }

    public void Clear()
    {
        TokenCount = 0;
        Array.Clear(Selected);
        Array.Clear(First);
        Array.Clear(ProbabilitySum);
    }
}
