using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Rounds;

/// <summary>Too few users answered. The message is one sentence that names them and why.</summary>
public sealed class RoundFailedException(string message, IReadOnlyList<string> missing) : Exception(message)
{
    /// <summary>In order of id.</summary>
    public IReadOnlyList<string> Missing { get; } = missing;

    /// <param name="quorum">Users that the round needs.</param>
    /// <param name="cohort">Users drawn.</param>
    /// <param name="missing">In order of id.</param>
    internal static RoundFailedException TooFew(
        int round, RoundSpec spec, int quorum, int cohort,
        IReadOnlyCollection<(string User, string Reason)> missing) => new(
            FormattableString.Invariant($"Round {round + 1}: {cohort - missing.Count} of {cohort} users took part, ")
            + FormattableString.Invariant($"but the quorum {spec.Quorum} needs {quorum}; ")
            + $"missing are {string.Join(", ", missing.Select(user => $"'{user.User}' ({user.Reason})"))}.",
            [.. missing.Select(user => user.User)]);
}
