using System.Collections.Immutable;
using CoMiGS.Dashboard.Following;
using CoMiGS.Results;

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
/// <param name="FaultCount">Of which <paramref name="Faults"/> are the first.</param>
internal sealed record RoundRow(
    int Round, double Loss, double Seconds, double EvaluationSeconds, long Tokens, long Bytes, int Users, int Missing,
    int Late, double? SimulatedSeconds, Spread? Perplexity, ImmutableArray<double?>? Each,
    ImmutableArray<double> GeneralistShare, ImmutableArray<double>? Phases, SlowestUser? Slowest, int FaultCount,
    ImmutableArray<MetricsFault> Faults, string? Failure)
{
    private const int FaultsShown = 20;

    /// <param name="lines">Users that have a line of their own.</param>
    public static RoundRow Of(RoundFigures round, ArmLog log, int lines) => new(
        round.Round, round.Loss, round.Seconds, round.EvaluationSeconds, round.Tokens, round.Bytes,
        round.Users.Length, round.Missing.Length, round.Late.Length, round.SimulatedSeconds, round.Perplexity,
        lines == 0 || round.Perplexity is null ? null : PerUser(round, lines), round.GeneralistShare,
        PhaseSums(round), SlowestUser.Of(round, log), round.Faults.Length, [.. round.Faults.Take(FaultsShown)],
        round.Failure);

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
