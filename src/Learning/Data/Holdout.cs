namespace CoMiGS.Learning.Data;

/// <summary>How a train shard is divided: its end is held out for tuning, of the rest a user has a share.</summary>
public static class Holdout
{
    /// <summary>First token of the holdout; training reads nothing from there on.</summary>
    /// <param name="tokens">Of the shard.</param>
    /// <param name="holdout">Share of the shard, from 0 to below 1.</param>
    public static long Start(long tokens, double holdout) => tokens - (long)Math.Floor(tokens * holdout);

    /// <summary>Tokens that training reads: the first <paramref name="share"/> of what is not held out.</summary>
    /// <param name="share">Above 0, at most 1.</param>
    public static long TrainTokens(long tokens, double holdout, double share) =>
        (long)Math.Floor(share * Start(tokens, holdout));
}
