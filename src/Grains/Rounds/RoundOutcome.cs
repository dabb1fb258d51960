using System.Collections.Immutable;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Rounds;

/// <summary>Who took part in a round, all in order of id.</summary>
/// <param name="Receipts">Of the users whose training counts: their state is the run's from now on, and the mean is
/// over exactly them.</param>
/// <param name="Missing">The rest of the cohort: no answer in time, or parameters that were lost.</param>
/// <param name="Generalist">Content hash of the new mean; null when the method shares nothing.</param>
/// <param name="BytesAcrossSilos">Of parameters.</param>
/// <param name="ProductGap">Of the mean; null where no product is averaged.</param>
/// <param name="SumsLost">Whether a sum of those who handed in died, so that they may hand in again.</param>
internal sealed record RoundOutcome(
    ImmutableArray<UserReceipt> Receipts, ImmutableArray<string> Missing, string? Generalist, long BytesAcrossSilos,
    double? ProductGap, bool SumsLost)
{
    /// <summary>A round that counts, but changes nobody and nothing.</summary>
    public static RoundOutcome WithoutAnybody(IEnumerable<Answer> answers, string? generalist) => new(
        [], [.. answers.Select(answer => answer.User).Order(StringComparer.Ordinal)], generalist, 0, null,
        SumsLost: false);

    public IEnumerable<string> Users => Receipts.Select(receipt => receipt.User);

    /// <summary>Those with a new state.</summary>
    public IEnumerable<string> Changed =>
        Receipts.Where(receipt => receipt.Tokens > 0).Select(receipt => receipt.User);
}
