namespace CoMiGS.Learning.Methods;

/// <summary>How many MLP experts a user has with a method.</summary>
public enum ExpertCounts
{
    /// <summary>Two, whatever the user can afford.</summary>
    Two,

    /// <summary>As many as the run says for everybody ('experts.count'), whatever the user can afford.</summary>
    Same,

    /// <summary>As many as the user can afford.</summary>
    PerUser,

    /// <summary>One, with the rank of all the experts the user can afford together: as many parameters in one
    /// adapter.</summary>
    Merged,
}

/// <summary>From what a user can afford to what it has.</summary>
public static class ExpertCountRule
{
    /// <param name="everybody">'experts.count' of the run.</param>
    /// <param name="own">Experts this user can afford, 1 to 8.</param>
    /// <param name="rank">LoRA rank of each.</param>
    /// <returns>Experts the user has, and the rank of each.</returns>
    public static (int Experts, int Rank) Of(this ExpertCounts counts, int everybody, int own, int rank) =>
        counts switch
        {
            ExpertCounts.Two => (2, rank),
            ExpertCounts.Same => (everybody, rank),
            ExpertCounts.PerUser => (own, rank),
            ExpertCounts.Merged => (1, own * rank),
            _ => throw new ArgumentOutOfRangeException(nameof(counts), counts, "Unknown number of experts."),
        };
}
