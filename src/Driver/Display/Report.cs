using System.Collections.Immutable;
using System.Net;
using System.Text;
using CoMiGS.Driver.Running;
using CoMiGS.Results;

namespace CoMiGS.Driver.Display;

/// <summary>report.html: one file, nothing loaded from anywhere, no script.</summary>
internal static class Report
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; color: #222; }
        body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; margin: .5rem 0 1.5rem; } td, th { padding: .2rem .8rem; text-align: right; }
        th { border-bottom: 1px solid #999; } td:first-child, th:first-child { text-align: left; }
        .low { font-weight: 600; } .text { line-height: 1.9; }
        .e0 { background: #cfe3f7; } .e1 { background: #fbe3a6; } .e2 { background: #cdeccd; }
        .e3 { background: #ecd0ec; } .e4 { background: #c9eeee; } .e5 { background: #f6cccc; }
        .e6 { background: #e5e5e5; } .e7 { background: #ddd2c4; }
        .text span { padding: .1rem 0; } footer { color: #666; margin-top: 2rem; }
        """;

    public static string Write(Summary summary, ImmutableArray<ArmOutcome> outcomes)
    {
        var html = new StringBuilder();
        html.Append($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>{Safe(summary.Name)}</title><style>
            {Style}
            </style></head><body>
            <h1>{Safe(summary.Name)}</h1>
            <p>{Safe(Verdict.Of(summary))}</p>

            """);
        foreach (var comparison in Comparison.Of(summary))
        {
            AppendComparison(html, comparison);
        }

        html.Append("<h2>Perplexity over rounds</h2>\n").Append(Chart.Write(outcomes));
        foreach (var outcome in outcomes.Where(outcome => outcome.Arm.Method.Name == summary.Method))
        {
            AppendShares(html, outcome);
        }

        AppendTraces(html, outcomes[0]);
        html.Append($"""
            <footer>{Safe(summary.Method)}, seed {summary.Seed}, {summary.Rounds} rounds,
            {Figures.Count(summary.TokensPerSecond)} trained tokens/s,
            peak memory {Figures.Bytes(summary.PeakMemoryBytes)},
            {Figures.Duration(TimeSpan.FromSeconds(summary.ElapsedSeconds))} in all.
            {(summary.Precision?.Compared is { } compared ? PrecisionText.Of(compared) : "")}</footer>
            </body></html>

            """);
        return html.ToString();
    }

    private static void AppendComparison(StringBuilder html, Comparison comparison)
    {
        html.Append($"<h2>Perplexity, target: {Safe(comparison.Target)}</h2>\n<table><tr><th>method</th>");
        html.AppendJoin("", comparison.Headings.Select(heading => $"<th>{Safe(heading)}</th>")).Append("</tr>\n");
        var lowest = comparison.Lowest();
        foreach (var row in comparison.Rows)
        {
            html.Append($"<tr><td>{Safe(row.Name)}</td>");
            html.AppendJoin("", comparison.Cells(row).Zip(lowest, (figure, best) =>
                $"<td{(figure == best ? " class=\"low\"" : "")}>{Figures.Perplexity(figure)}</td>"));
            html.Append("</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendShares(StringBuilder html, ArmOutcome outcome)
    {
        var target = outcome.Arm.Targets[0];
        var users = outcome.On(target).Where(user => !user.On.GeneralistShare.IsEmpty).ToArray();
        if (users.Length == 0)
        {
            return;
        }

        html.Append(
            $"<h2>Tokens whose first expert is the generalist, target: {Safe(target)}</h2>\n<table><tr><th>user</th>");
        html.AppendJoin("", users[0].On.GeneralistShare.Select((_, block) => $"<th>block {block + 1}</th>"))
            .Append("</tr>\n");
        foreach (var (user, on) in users)
        {
            html.Append($"<tr><td>{Safe(user.Id)}</td>");
            html.AppendJoin("", on.GeneralistShare.Select(share => $"<td>{Figures.Percent(share)}</td>"))
                .Append("</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendTraces(StringBuilder html, ArmOutcome outcome)
    {
        var traces = outcome.Traces.Where(trace => !trace.Trace.FirstExperts.IsEmpty).ToArray();
        if (traces.Length == 0)
        {
            return;
        }

        html.Append("<h2>First expert of every token</h2>\n<p><span class=\"e0\">generalist</span> ");
        html.AppendJoin(" ", Enumerable.Range(1, outcome.Result.Users.Max(user => user.Experts) - 1)
            .Select(expert => $"<span class=\"e{expert}\">specialist {expert}</span>")).Append("</p>\n");
        foreach (var (user, trace) in traces)
        {
            foreach (var block in new[] { 0, trace.FirstExperts.Length - 1 }.Distinct())
            {
                html.Append($"<p class=\"text\"><b>{Safe(user)}, block {block + 1}:</b> ");
                html.AppendJoin("", TraceText.Runs(trace.Tokens, trace.FirstExperts[block])
                    .Select(run => $"<span class=\"e{run.Expert}\">{Safe(run.Text)}</span>"));
                html.Append("</p>\n");
            }
        }
    }

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
