using CoMiGS.Driver.Running;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Results;
using Spectre.Console;

namespace CoMiGS.Driver.Display;

/// <summary>Progress for people: a table that stays in place on a terminal, a line a round elsewhere.</summary>
internal static class ProgressViews
{
    private const int UsersInALine = 8;

    /// <param name="writer">Where lines go when nobody watches a terminal.</param>
    public static async Task<T> WhileAsync<T>(
        Terminal terminal, bool isLive, TextWriter writer, Func<IProgressView, Task<T>> work)
    {
        if (!isLive)
        {
            return await work(new Lines(writer));
        }

        var start = new Text("Starting ...");
        return await terminal.Console.Live(start).AutoClear(true)
            .StartAsync(context => work(new InPlace(context, terminal)));
    }

    private static string Where(ProgressUpdate update) =>
        $"[{update.ArmNumber}/{update.ArmCount}] {update.Arm.Label}  "
        + $"round {update.Report.Round + 1}/{update.Report.RoundCount}";

    private static string Pace(ProgressUpdate update)
    {
        var simulated = update.Report.Simulated is { } round ? $"simulated {Figures.Duration(round.EndSeconds)}  " : "";
        return $"{Figures.Count(update.TokensPerSecond)} tokens/s  {simulated}"
            + $"{Figures.Duration(update.Moment.Left)} left";
    }

    private static string Missing(RoundReport report)
    {
        var late = report.Simulated?.Late.Select(user => user.User).ToHashSet() ?? [];
        return string.Join(
            ", ", report.Missing.Take(UsersInALine).Select(user => late.Contains(user) ? $"{user} (late)" : user));
    }

    private sealed class Lines(TextWriter writer) : IProgressView
    {
        public void Remark(string sentence) => writer.WriteLine(sentence);

        public void Show(ProgressUpdate update)
        {
            var report = update.Report;
            var losses = report.Receipts.Take(UsersInALine)
                .Select(receipt => $"{receipt.User} {Figures.Loss(receipt.TrainLoss.Mean)}");
            var users =
                report.Receipts.Length <= UsersInALine ? string.Join("  ", losses) : $"{report.Receipts.Length} users";
            var measured = report.Evaluations.Take(UsersInALine)
                .Select(evaluation => $"{evaluation.User} {Figures.Perplexity(evaluation.Loss.Perplexity)}");
            var perplexities = report.Evaluations.IsEmpty ? "" : $"  perplexity ({string.Join("  ", measured)})";
            var missing =
                report.Missing.IsEmpty ? "" : $"  without {Missing(report)}";
            writer.WriteLine(
                $"{Where(update)}  loss {Figures.Loss(report.TrainLoss.Mean)} ({users})"
                + $"{perplexities}{missing}  {Pace(update)}");
        }
    }

    private sealed class InPlace(LiveDisplayContext context, Terminal terminal) : IProgressView
    {
        /// <summary>Title, frame, headings, who is missing, how many more: what does not fit is cut off at the top.
        /// </summary>
        private const int OtherLines = 8;
        private const int FiguresShown = 24;

        private readonly Dictionary<string, List<double>> perplexities = [];

        public void Remark(string sentence) => terminal.Console.WriteLine(sentence);

        public void Show(ProgressUpdate update)
        {
            var report = update.Report;
            if (report.Round == 0)
            {
                perplexities.Clear();
            }

            foreach (var evaluation in report.Evaluations)
            {
                Remember(evaluation.User, evaluation.Loss.Perplexity);
            }

            context.UpdateTarget(Table(update));
        }

        private void Remember(string user, double perplexity)
        {
            if (!perplexities.TryGetValue(user, out var known))
            {
                perplexities[user] = known = [];
            }

            known.Add(perplexity);
            if (known.Count > FiguresShown)
            {
                known.RemoveAt(0);
            }
        }

        private Table Table(ProgressUpdate update)
        {
            var report = update.Report;
            var shown = Math.Clamp(terminal.Console.Profile.Height - OtherLines, 1, 4 * UsersInALine);
            var table = new Table().Border(TableBorder.Rounded)
                .Title(Markup.Escape($"{Where(update)}   {Pace(update)}"))
                .AddColumns("user", "train loss, nats/token", "perplexity on the way", "so far", "seconds");
            foreach (var receipt in report.Receipts.Take(shown))
            {
                var known = perplexities.GetValueOrDefault(receipt.User, []);
                table.AddRow(
                    Markup.Escape(receipt.User), Figures.Loss(receipt.TrainLoss.Mean),
                    known.Count > 0 ? Figures.Perplexity(known[^1]) : "",
                    terminal.HasUnicode ? $"[blue]{Sparkline.Of(known)}[/]" : "",
                    Figures.Seconds(receipt.ElapsedSeconds));
            }

            if (report.Receipts.Length > shown)
            {
                table.AddRow($"and {Figures.Count(report.Receipts.Length - shown)} more");
            }

            if (!report.Missing.IsEmpty)
            {
                table.Caption(Markup.Escape($"without {Missing(report)}"));
            }

            return table;
        }
    }
}
