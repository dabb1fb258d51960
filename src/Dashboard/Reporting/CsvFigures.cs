using CoMiGS.Dashboard.Following;
using CoMiGS.Dashboard.Views;
using CoMiGS.Results;

namespace CoMiGS.Dashboard.Reporting;

/// <summary>Every figure of the pictures as CSV.</summary>
internal static class CsvFigures
{
    public static void Write(RunFolder run, Summary summary)
    {
        var folder = Directory.CreateDirectory(Path.Combine(run.Path, ResultsFolder.FiguresName)).FullName;
        Write(folder, "rounds.csv",
            ["arm", "round", "loss", "mean_perplexity", "seconds", "evaluation_seconds", "simulated_seconds", "tokens",
                "bytes", "users", "missing", "late", "faults"],
            from arm in run.Arms
            from round in arm.Rounds
            select Cells(arm.Arm.Label, round.Round, round.Loss, round.Perplexity?.Mean, round.Seconds,
                round.EvaluationSeconds, round.SimulatedSeconds, round.Tokens, round.Bytes, round.Users.Length,
                round.Missing.Length, round.Late.Length, round.Faults.Length));
        Write(folder, "users.csv",
            ["arm", "round", "user", "loss", "perplexity", "seconds", "simulated_seconds",
                .. RoundFigures.PhaseNames.Select(phase => $"{phase}_seconds")],
            from arm in run.Arms
            from round in arm.Rounds
            from cells in UsersOf(arm, round)
            select cells);
        Write(folder, "faults.csv", ["arm", "round", "user", "kind", "detected", "seconds"],
            from arm in run.Arms
            from round in arm.Rounds
            from fault in Misses(round)
            select Cells(arm.Arm.Label, round.Round, fault.User, fault.Kind, fault.Detected, fault.Seconds));
        Write(folder, "shares.csv", ["arm", "round", "block", "generalist_share"],
            from arm in run.Arms
            from round in arm.Rounds
            from share in round.GeneralistShare.Select((share, block) => (share, block))
            select Cells(arm.Arm.Label, round.Round, share.block + 1, share.share));
        Write(folder, "results.csv",
            ["arm", "method", "target", "user", "experts", "train_tokens", "perplexity", "base_perplexity"],
            from arm in summary.Arms
            from user in arm.Users
            select Cells(arm.Arm, arm.Method, arm.Target, user.Id, user.Experts, user.TrainTokens, user.Perplexity,
                user.BasePerplexity));
    }

    /// <summary>Who took part; then who was measured only.</summary>
    private static IEnumerable<object?[]> UsersOf(ArmLog arm, RoundFigures round)
    {
        var unknown = Enumerable.Repeat(double.NaN, RoundFigures.PhaseNames.Length);
        return Enumerable.Range(0, round.Users.Length)
            .Select(place => Cells(
            [
                arm.Arm.Label, round.Round, arm.Users[round.Users[place]].Id, round.Losses[place],
                round.Perplexities[place], round.UserSeconds[place], round.UserSimulatedSeconds?[place],
                .. (round.PhasesAt(place) ?? unknown).Select(seconds => (object?)seconds),
            ]))
            .Concat(round.OnlyMeasured.Select(measured => Cells(
            [
                arm.Arm.Label, round.Round, arm.Users[measured.User].Id, null, measured.Perplexity, null, null,
                .. unknown.Select(seconds => (object?)seconds),
            ])));
    }

    /// <summary>Faults, and who was missing, or not waited for, without one.</summary>
    private static IEnumerable<MetricsFault> Misses(RoundFigures round)
    {
        var known = round.Faults.Select(fault => fault.User).ToHashSet();
        return round.Faults
            .Concat(MissView.WithoutFault(round).Select(
                miss => new MetricsFault(miss.User, null, miss.State, miss.Seconds)))
            .Concat(round.Surplus.Where(user => !known.Contains(user.Id)).Select(
                user => new MetricsFault(user.Id, null, "surplus", user.Seconds)));
    }

    private static object?[] Cells(params object?[] cells) => cells;

    private static void Write(string folder, string name, string[] headings, IEnumerable<object?[]> rows)
    {
        using var writer = new StreamWriter(Path.Combine(folder, name));
        foreach (var line in CsvText.Lines(headings, rows))
        {
            writer.Write(line);
        }
    }
}
