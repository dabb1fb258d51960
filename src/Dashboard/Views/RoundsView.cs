using System.Collections.Immutable;
using CoMiGS.Dashboard.Following;

namespace CoMiGS.Dashboard.Views;

/// <summary>An arm's rounds, as many figures a round for ten thousand users as for ten.</summary>
/// <param name="Users">Whom <see cref="RoundRow.Each"/> is of; empty where they are too many for a line each.</param>
internal sealed record RoundsView(ImmutableArray<string> Users, ImmutableArray<RoundRow> Rounds)
{
    /// <summary>More lines in one picture tell nothing.</summary>
    public const int MostLines = 50;

    /// <param name="fromRound">Earlier ones are known already.</param>
    /// <param name="count">Rounds wanted.</param>
    public static RoundsView Of(ArmLog log, int fromRound, int count = int.MaxValue)
    {
        ImmutableArray<string> users =
            log.Users.Count <= MostLines ? [.. log.Users.Select(user => user.Id)] : [];
        return new(
            users,
            [
                .. log.Rounds.Where(round => round.Round >= fromRound).Take(count)
                    .Select(round => RoundRow.Of(round, log, users.Length)),
            ]);
    }
}

/// <param name="Each">Perplexity by user; null in it: not measured; null: nobody was, or they are too many.</param>
/// <param name="Phases">Seconds by phase, summed over users; null where the file does not tell.</param>
/// <param name="Slowest">Who took longest, and how long, on the arm's clock.</param>
/// <param name="Misses">The first of <paramref name="MissCount"/>: faults, and who was missing without one.</param>
/// <param name="Surplus">Users who were not needed any more.</param>
internal sealed record RoundRow(
    int Round, double Loss, double Seconds, double EvaluationSeconds, long Tokens, long Bytes, int Users, int Missing,
    int Late, double? SimulatedSeconds, Spread? Perplexity, ImmutableArray<double?>? Each,
    ImmutableArray<double> GeneralistShare, ImmutableArray<double>? Phases, SlowestUser? Slowest, int FaultCount,
    ImmutableArray<MissView> Misses, int MissCount, int Surplus, string? Failure)
{
    private const int MissesShown = 20;

    /// <param name="lines">Users that have a line of their own.</param>
    public static RoundRow Of(RoundFigures round, ArmLog log, int lines)
    {
        var misses = MissView.Of(round);
        return new(
            round.Round, round.Loss, round.Seconds, round.EvaluationSeconds, round.Tokens, round.Bytes,
            round.Users.Length, round.Missing.Length, round.Late.Length, round.SimulatedSeconds, round.Perplexity,
            lines == 0 || round.Perplexity is null ? null : PerUser(round, lines), round.GeneralistShare,
            PhaseSums(round), SlowestUser.Of(round, log), round.Faults.Length, [.. misses.Take(MissesShown)],
            misses.Length, round.Surplus.Length, round.Failure);
    }

    private static ImmutableArray<double?> PerUser(RoundFigures round, int lines)
    {
        var each = new double?[lines];
        for (var place = 0; place < round.Users.Length; place++)
        {
            each[round.Users[place]] = float.IsFinite(round.Perplexities[place]) ? round.Perplexities[place] : null;
        }

        foreach (var (user, perplexity) in round.OnlyMeasured)
        {
            each[user] = perplexity;
        }

        return [.. each];
    }

    private static ImmutableArray<double>? PhaseSums(RoundFigures round)
    {
        if (round.Phases is null)
        {
            return null;
        }

        var sums = new double[RoundFigures.PhaseNames.Length];
        for (var i = 0; i < round.Phases.Length; i++)
        {
            sums[i % sums.Length] += round.Phases[i];
        }

        return [.. sums];
    }
}

/// <summary>Something that went wrong, or somebody who was missing.</summary>
/// <param name="State">late or missing; null: the user took part, was not needed, or it is no user.</param>
internal sealed record MissView(string? User, string? Kind, string? Detected, double? Seconds, string? State)
{
    public static ImmutableArray<MissView> Of(RoundFigures round)
    {
        var states = WhoWasMissing(round).ToDictionary(miss => miss.User!, miss => miss.State);
        return
        [
            .. round.Faults.Select(fault => new MissView(
                fault.User, fault.Kind, fault.Detected, fault.Seconds,
                fault.User is null ? null : states.GetValueOrDefault(fault.User))),
            .. WithoutFault(round),
        ];
    }

    /// <summary>Who was missing, and no fault says why.</summary>
    public static IEnumerable<MissView> WithoutFault(RoundFigures round) =>
        WhoWasMissing(round).ExceptBy(round.Faults.Select(fault => fault.User), miss => miss.User);

    private static IEnumerable<MissView> WhoWasMissing(RoundFigures round)
    {
        var late = round.Late.ToDictionary(user => user.Id, user => user.Seconds);
        return round.Missing.Select(user => late.TryGetValue(user, out var needed)
            ? new MissView(user, null, null, needed, "late")
            : new MissView(user, null, null, null, "missing"));
    }
}

internal sealed record SlowestUser(string Id, double Seconds)
{
    public static SlowestUser? Of(RoundFigures round, ArmLog log)
    {
        var seconds = round.UserSimulatedSeconds ?? round.UserSeconds;
        if (seconds.Length == 0)
        {
            return null;
        }

        var place = Array.IndexOf(seconds, seconds.Max());
        return place < 0 ? null : new(log.Users[round.Users[place]].Id, seconds[place]);
    }
}
