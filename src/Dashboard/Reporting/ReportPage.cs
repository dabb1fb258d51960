using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using CoMiGS.Dashboard.Following;
using CoMiGS.Dashboard.Serving;
using CoMiGS.Results;

namespace CoMiGS.Dashboard.Reporting;

/// <summary>report.html: one file, nothing loaded from anywhere. Its tables need no script; the pictures are the live
/// page's own client, with the figures beside it.</summary>
internal static class ReportPage
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; }
        .tables { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; overflow-x: auto; }
        .tables table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
        .tables td, .tables th { padding: .2rem .8rem; text-align: right; }
        .tables th { border-bottom: 1px solid #888; }
        .tables td:first-child, .tables th:first-child { text-align: left; }
        .low { font-weight: 600; } .text { line-height: 1.9; } .text span { padding: .1rem 0; color: #111; }
        .e0 { background: #cfe3f7; } .e1 { background: #fbe3a6; } .e2 { background: #cdeccd; }
        .e3 { background: #ecd0ec; } .e4 { background: #c9eeee; } .e5 { background: #f6cccc; }
        .e6 { background: #e5e5e5; } .e7 { background: #ddd2c4; }
        """;

    /// <param name="run">A finished one.</param>
    public static string Write(RunFolder run, Summary summary, ImmutableArray<UserTrace> traces)
    {
        var (style, script) = (Style, "");
        if (PageFiles.IsBuilt)
        {
            style += Text("app.css");
            script = Inline(Text("app.js"));
        }

        var html = new StringBuilder();
        html.Append($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <meta http-equiv="Content-Security-Policy" content="{Policy(style, script)}">
            <title>{Safe(summary.Name)}</title>
            <style>{style}</style></head><body>

            """);
        if (script.Length > 0)
        {
            var data = Json.WriteLine(ReportData.Of(run, traces)).Replace("<", "\\u003c", StringComparison.Ordinal);
            html.Append($"<script type=\"application/json\" id=\"run\">{data}</script>\n<div id=\"app\"></div>\n");
        }

        AppendTables(html, run, summary, traces, script.Length > 0);
        html.Append(script.Length > 0 ? $"<script>{script}</script>\n" : "").Append("</body></html>\n");
        return html.ToString();
    }

    private static void AppendTables(
        StringBuilder html, RunFolder run, Summary summary, ImmutableArray<UserTrace> traces, bool hasPictures)
    {
        html.Append($"""
            <article class="tables">
            <h1>{Safe(summary.Name)}</h1>
            <p>{Safe(Verdict.Of(summary))}</p>

            """);
        foreach (var comparison in Comparison.Of(summary))
        {
            AppendComparison(html, comparison);
        }

        html.Append(hasPictures ? "<noscript>" : "").Append("<h2>Perplexity over rounds</h2>\n")
            .Append(StaticChart.Write(run, summary)).Append(hasPictures ? "</noscript>\n" : "");
        foreach (var arm in summary.Arms.Where(arm => arm.Method == summary.Method).DistinctBy(arm => arm.Arm))
        {
            AppendShares(html, arm);
        }

        AppendTraces(html, traces);
        html.Append($"""
            <footer><p>{Safe(summary.Method)}, seed {summary.Seed}, {summary.Rounds} rounds,
            {Figures.Count(summary.TokensPerSecond)} trained tokens/s,
            peak memory {Figures.Bytes(summary.PeakMemoryBytes)},
            {Figures.Duration(TimeSpan.FromSeconds(summary.ElapsedSeconds))} in all.
            {(summary.Precision?.Compared is { } compared ? PrecisionText.Of(compared) : "")}
            All figures are in the folder {ResultsFolder.FiguresName}, as CSV.</p></footer>
            </article>

            """);
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

    private static void AppendShares(StringBuilder html, ArmSummary arm)
    {
        var users = arm.Users.Where(user => !user.GeneralistShare.IsDefaultOrEmpty).ToArray();
        if (users.Length == 0)
        {
            return;
        }

        html.Append(
            $"<h2>Tokens whose first expert is the generalist, target: {Safe(arm.Target)}</h2>\n")
            .Append("<table><tr><th>user</th>");
        html.AppendJoin("", users[0].GeneralistShare.Select((_, block) => $"<th>block {block + 1}</th>"))
            .Append("</tr>\n");
        foreach (var user in users)
        {
            html.Append($"<tr><td>{Safe(user.Id)}</td>");
            html.AppendJoin("", user.GeneralistShare.Select(share => $"<td>{Figures.Percent(share)}</td>"))
                .Append("</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendTraces(StringBuilder html, ImmutableArray<UserTrace> traces)
    {
        var routed = traces.Where(trace => !trace.Trace.FirstExperts.IsEmpty).ToArray();
        if (routed.Length == 0)
        {
            return;
        }

        var experts = routed.Max(trace => trace.Trace.FirstExperts.Max(block => block.Max()));
        html.Append("<h2>First expert of every token</h2>\n<p class=\"text\"><span class=\"e0\">generalist</span> ");
        html.AppendJoin(" ", Enumerable.Range(1, experts)
            .Select(expert => $"<span class=\"e{expert}\">specialist {expert}</span>")).Append("</p>\n");
        foreach (var (user, trace) in routed)
        {
            foreach (var block in new[] { 0, trace.FirstExperts.Length - 1 }.Distinct())
            {
                html.Append($"<p class=\"text\"><b>{Safe(user)}, block {block + 1}:</b> ");
                html.AppendJoin("", TokenRuns.Of(trace.Tokens, trace.FirstExperts[block])
                    .Select(run => $"<span class=\"e{run.Expert}\">{Safe(run.Text)}</span>"));
                html.Append("</p>\n");
            }
        }
    }

    /// <summary>Only what is in this file, byte by byte, may style it or run in it.</summary>
    private static string Policy(string style, string script) =>
        $"default-src 'none'; style-src '{Hash(style)}'; script-src '{(script.Length > 0 ? Hash(script) : "none")}'; "
        + "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
        + "trusted-types 'none'";

    private static string Hash(string text) =>
        $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Text(string file) => Encoding.UTF8.GetString(PageFiles.Read(file)!).ReplaceLineEndings("\n");

    /// <summary>What would end the script element stands only in texts and patterns of a script, where it may be
    /// written with a backslash.</summary>
    private static string Inline(string script) => script
        .Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase)
        .Replace("<!--", "\\x3c!--", StringComparison.Ordinal);

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
