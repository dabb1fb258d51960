using System.Collections.Immutable;
using System.Globalization;
using CoMiGS.Dashboard.Following;
using CoMiGS.Grains.Rounds;
using CoMiGS.Results;

namespace CoMiGS.Dashboard.Views;

/// <summary>The run at a glance.</summary>
/// <param name="Identity">Another one where another run, or this one anew, has the folder.</param>
/// <param name="State">waiting, running, quiet (for longer than rounds take) or finished.</param>
/// <param name="ElapsedSeconds">Until now, the end, or the last news of a quiet run.</param>
/// <param name="SecondsLeft">If rounds go on as they did; null unless it is running.</param>
/// <param name="QuietSeconds">Since the last news; null when finished.</param>
/// <param name="TokensPerSecond">Trained tokens of both phases per second in rounds, all arms.</param>
/// <param name="Verdict">Null before the end.</param>
internal sealed record OverviewView(
    string Identity, string Name, string Folder, string State, ulong Seed, double ElapsedSeconds, double? SecondsLeft,
    double? QuietSeconds, double TokensPerSecond, long? PeakMemoryBytes, string? Version, string? Verdict,
    int DamagedLines, ImmutableArray<ArmView> Arms, ImmutableArray<ComparisonView> Comparisons)
{
    /// <summary>Without news a run is quiet after so long, and after so many rounds' time.</summary>
    private const double QuietSecondsAtLeast = 120, QuietRounds = 3;

    public static OverviewView Of(RunFolder run, TimeProvider time)
    {
        var rounds = run.Arms.SelectMany(arm => arm.Rounds).ToArray();
        var seconds = rounds.Sum(round => round.Seconds);
        var summary = run.Summary;
        var silence = Math.Max(0, (time.GetUtcNow().UtcDateTime - run.LastNewsAt).TotalSeconds);
        var state = summary is not null ? "finished"
            : rounds.Length == 0 ? "waiting"
            : silence > Math.Max(QuietSecondsAtLeast, QuietRounds * rounds.Average(Whole)) ? "quiet" : "running";
        var sinceLastNews = state == "quiet" ? 0 : silence;
        return new(
            string.Create(CultureInfo.InvariantCulture, $"{ResultsFolder.Shown(run.Path)} {run.StartedAt:O}"),
            run.File.Name, ResultsFolder.Shown(run.Path), state, run.File.Seed,
            summary?.ElapsedSeconds ?? ((run.LastNewsAt - run.StartedAt).TotalSeconds + sinceLastNews),
            state == "running" ? Left(run.Arms) : null, summary is null ? silence : null,
            seconds > 0 ? rounds.Sum(round => (double)round.Tokens) / seconds : 0,
            summary?.PeakMemoryBytes, summary?.Version, summary is null ? null : Results.Verdict.Of(summary),
            run.Arms.Sum(arm => arm.DamagedLines),
            [.. run.Arms.Select(log => ArmView.Of(log, run.LineOf(log.Arm)))],
            summary is null ? [] : [.. Comparison.Of(summary).Select(ComparisonView.Of)]);
    }

    /// <summary>Every arm goes on at its own pace, one that has not begun at that of the others.</summary>
    private static double Left(ImmutableArray<ArmLog> arms)
    {
        var everybody = arms.SelectMany(arm => arm.Rounds).Average(Whole);
        return arms.Sum(arm => (arm.Arm.Spec.Rounds - arm.Rounds.Count)
            * (arm.Rounds.Count == 0 ? everybody : arm.Rounds.Average(Whole)));
    }

    private static double Whole(RoundFigures round) => round.Seconds + round.EvaluationSeconds;
}

/// <param name="Line">Its name in a picture with other arms.</param>
/// <param name="MeasuredTokens">Most of a user's on the first target on the way.</param>
/// <param name="MeasuredUsers">Drawn for every measurement; null: all there are in it.</param>
/// <param name="Done">Rounds committed.</param>
/// <param name="Retellings">One more whenever rounds that were told have been told anew.</param>
/// <param name="Cohort">Users drawn a round; null: all that train.</param>
/// <param name="DeadlineSeconds">On the clock that <paramref name="Clock"/> names; null: there is none on it.</param>
/// <param name="Clock">wall or simulated: what users' seconds in a round are of.</param>
internal sealed record ArmView(
    string Label, string Line, string Method, ImmutableArray<string> Targets, int MeasuredTokens, int? MeasuredUsers,
    int Rounds, int Done, int Retellings, int Users, int Experts,
    bool HasRouter, int? Cohort, double? DeadlineSeconds, string Clock)
{
    public static ArmView Of(ArmLog log, string line)
    {
        var (arm, spec) = (log.Arm, log.Arm.Spec);
        var isSimulated = RoundForecast.IsOnVirtualClock(spec);
        return new(
            arm.Label, line, spec.Method, arm.Targets, spec.Evaluation.Tokens,
            spec.Evaluation.Users > 0 ? spec.Evaluation.Users : null, spec.Rounds, log.Rounds.Count,
            log.Retellings, spec.Users.Length,
            spec.Users.Max(user => user.Experts), arm.Method.HasRouter,
            spec.Round.Cohort > 0 ? spec.Round.Cohort : null,
            isSimulated ? spec.Round.SimulatedDeadlineSeconds : spec.Round.DeadlineSeconds,
            isSimulated ? "simulated" : "wall");
    }
}

/// <summary>Perplexities of all methods on one target.</summary>
internal sealed record ComparisonView(
    string Target, ImmutableArray<string> Headings, ImmutableArray<ComparisonRowView> Rows)
{
    public static ComparisonView Of(Comparison comparison) => new(
        comparison.Target, comparison.Headings,
        [.. comparison.Rows.Select(row => new ComparisonRowView(row.Name, comparison.Cells(row)))]);
}

internal sealed record ComparisonRowView(string Name, ImmutableArray<double> Cells);
