using System.Collections.Immutable;
using CoMiGS.Dashboard.Following;
using CoMiGS.Dashboard.Views;
using CoMiGS.Results;

namespace CoMiGS.Dashboard.Reporting;

/// <summary>What the live page would ask for, put together once. Of large runs only a part: the CSV files have all.
/// </summary>
internal sealed record ReportData(
    OverviewView Overview, ImmutableArray<ReportArm> Arms, ImmutableArray<TraceView> Traces)
{
    /// <summary>Rows of one user in one round, in all arms together: about 5 MB.</summary>
    private const int MostRows = 40_000;

    public static ReportData Of(RunFolder run, ImmutableArray<UserTrace> traces)
    {
        var rows = MostRows / run.Arms.Length / 2;   // rounds by user, and users by round
        return new(
            OverviewView.Of(run, TimeProvider.System), [.. run.Arms.Select(arm => ReportArm.Of(arm, rows))],
            [.. traces.Select(trace => TraceView.Of(trace.User, trace.Trace))]);
    }
}

/// <param name="Users">The first of them.</param>
/// <param name="UserCount">Of all.</param>
/// <param name="Waterfalls">The longest rounds, in order, of each as many users as there is room for.</param>
internal sealed record ReportArm(
    string Label, RoundsView Rounds, ImmutableArray<UserCard> Users, int UserCount,
    ImmutableArray<WaterfallView> Waterfalls)
{
    private const int MostUsers = 200;

    public static ReportArm Of(ArmLog log, int rows)
    {
        var users = Math.Min(Math.Min(log.Users.Count, MostUsers), Math.Max(1, rows / Math.Max(1, log.Rounds.Count)));
        return new(
            log.Arm.Label, RoundsView.Of(log, fromRound: 1),
            [.. Enumerable.Range(0, users).Select(user => UserCard.Of(log, user))], log.Users.Count,
            [
                .. Longest(log, rows).OrderBy(round => round.Round)
                    .Select(round => WaterfallView.ExtractOf(log, round, MostUsers)),
            ]);
    }

    private static IEnumerable<RoundFigures> Longest(ArmLog log, int rows)
    {
        foreach (var round in log.Rounds.OrderByDescending(round => round.SimulatedSeconds ?? round.Seconds))
        {
            rows -= Math.Min(MostUsers, round.Users.Length + round.Missing.Length + round.Surplus.Length);
            if (rows < 0)
            {
                yield break;
            }

            yield return round;
        }
    }
}
