namespace CoMiGS.Learning.Data;

/// <summary>How a train shard is divided: its end is held out for tuning, of the rest a user has a share.</summary>
public static class Holdout
{
    /// <summary>First token of the holdout; training reads nothing from there on.</summary>
    /// <param name="tokens">Of the shard.</param>
    /// <param name="holdout">Share of the shard, from 0 to below 1.</param>
    public static long Start(long tokens, double holdout) => tokens - (long)Math.Floor(tokens * holdout);

    /// <summary>Tokens that training reads.</summary>
    /// <param name="share">Of what is not held out; above 0, at most 1.</param>
    public static long TrainTokens(long tokens, double holdout, double share) =>
        (long)Math.Floor(share * Start(tokens, holdout));

    /// <summary>Which of them.</summary>
    /// <param name="start">Where the share begins, from 0 to 1 − <paramref name="share"/>.</param>
    public static (long First, long Count) PartOf(long tokens, double holdout, double start, double share)
    {
        var count = TrainTokens(tokens, holdout, share);
        return (Math.Min((long)Math.Floor(start * Start(tokens, holdout)), Start(tokens, holdout) - count), count);
    }
}
