using System.Globalization;
using System.Net;
using System.Text;
using CoMiGS.Dashboard.Following;
using CoMiGS.Results;

namespace CoMiGS.Dashboard.Reporting;

/// <summary>Mean perplexity over rounds, a line an arm, logarithmic, as inline SVG: where no script runs.</summary>
internal static class StaticChart
{
    private const double Width = 720, Height = 300, Left = 60, Bottom = 30, Legend = 190;

    private static readonly string[] Colours =
        ["#1f5fa8", "#c07a00", "#2c8a3d", "#9b3fa0", "#b03030", "#0f8a8a", "#666666", "#7a5c3a"];

    public static string Write(RunFolder run, Summary summary)
    {
        var lines = run.Arms.Select(arm => (Label: run.LineOf(arm.Arm), Points: Points(arm, summary)))
            .Where(line => line.Points.Length > 1).ToArray();
        if (lines.Length == 0)
        {
            return "<p>Nothing was measured on the way.</p>\n";
        }

        var points = lines.SelectMany(line => line.Points).ToArray();
        double lastRound = points.Max(point => point.Round);
        var high = Math.Log(points.Max(point => point.Perplexity));
        var span = Math.Max(high - Math.Log(points.Min(point => point.Perplexity)), 0.1);
        var low = high - span;
        double X(double round) => Left + (round / Math.Max(lastRound, 1) * (Width - Left - Legend));
        double Y(double perplexity) => 10 + ((high - Math.Log(perplexity)) / span * (Height - Bottom - 20));

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" ");
        svg.Append("aria-label=\"mean perplexity over rounds\" font-size=\"12\" fill=\"currentColor\">\n");
        foreach (var tick in Enumerable.Range(0, 5).Select(step => Math.Exp(low + (span * step / 4))))
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<path d=\"M{Left} {Y(tick):0.#}H{Width - Legend:0.#}\" stroke=\"#aaa\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 6}\" y=\"{Y(tick) + 4:0.#}\" text-anchor=\"end\">");
            svg.Append(Figures.Perplexity(tick)).Append("</text>\n");
        }

        foreach (var (line, index) in lines.Select((line, index) => (line, index)))
        {
            var colour = Colours[index % Colours.Length];
            var path = string.Join(' ', line.Points.Select(point => string.Create(
                CultureInfo.InvariantCulture, $"{X(point.Round):0.#},{Y(point.Perplexity):0.#}")));
            svg.Append($"<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Width - Legend + 12}\" y=\"{24 + (18 * index)}\" fill=\"{colour}\">");
            svg.Append(WebUtility.HtmlEncode(line.Label)).Append("</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{X(lastRound):0.#}\" y=\"{Height - 8}\" text-anchor=\"end\">");
        svg.Append(CultureInfo.InvariantCulture, $"round {lastRound}</text>\n</svg>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<p>Logarithmic. Round 0 on the whole first target, then on ");
        svg.Append(CultureInfo.InvariantCulture, $"{run.File.Evaluation.Tokens} tokens of it a user at most.</p>\n");
        return svg.ToString();
    }

    /// <summary>The base before the first round, then measurements on the way; without what diverged.</summary>
    private static (int Round, double Perplexity)[] Points(ArmLog arm, Summary summary)
    {
        var start = summary.Arms.FirstOrDefault(ended => ended.Arm == arm.Arm.Label)?
            .Users.Average(user => user.BasePerplexity) ?? double.NaN;
        return
        [
            .. arm.Rounds.Where(round => round.Perplexity is not null)
                .Select(round => (round.Round, Perplexity: round.Perplexity!.Mean))
                .Prepend((Round: 0, Perplexity: start))
                .Where(point => double.IsFinite(point.Perplexity) && point.Perplexity > 0),
        ];
    }
}
