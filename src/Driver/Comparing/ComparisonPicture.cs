using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CoMiGS.Driver.Display;
using CoMiGS.Results;

namespace CoMiGS.Driver.Comparing;

/// <summary>comparison.svg: for every target the methods in order of their mean, a dot each, with a line of one
/// standard deviation either way. Logarithmic, so that what is hopeless does not hide the rest.</summary>
internal static class ComparisonPicture
{
    private const double Width = 760, Left = 210, Right = 100, RowHeight = 22, HeadHeight = 46;

    public static string Write(ImmutableArray<SeedTable> tables)
    {
        var height = tables.Sum(HeightOf) + 10;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" role="img" font-size="13"
              aria-label="test perplexity by method" font-family="system-ui, sans-serif">
            <style>
              text {"{"} fill: #222; {"}"} .rule {"{"} stroke: #ddd; {"}"} .dot {"{"} fill: #1f5fa8; {"}"}
              .line {"{"} stroke: #1f5fa8; stroke-width: 2; {"}"} .paper {"{"} fill: #fff; {"}"}
              @media (prefers-color-scheme: dark) {"{"}
                text {"{"} fill: #ddd; {"}"} .rule {"{"} stroke: #444; {"}"} .paper {"{"} fill: #1b1b1b; {"}"}
                .dot {"{"} fill: #7fb2ea; {"}"} .line {"{"} stroke: #7fb2ea; {"}"}
              {"}"}
            </style>
            <rect class="paper" width="{Width}" height="{height}"/>

            """);
        var top = 0.0;
        foreach (var table in tables)
        {
            Append(svg, table, top);
            top += HeightOf(table);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static double HeightOf(SeedTable table) => HeadHeight + (RowHeight * table.Rows.Length);

    private static void Append(StringBuilder svg, SeedTable table, double top)
    {
        var rows = table.Rows.Where(row => double.IsFinite(row.Mean.Mean) && row.Mean.Mean > 0)
            .OrderBy(row => row.Mean.Mean).ToArray();
        if (rows.Length == 0)
        {
            return;
        }

        var low = Math.Log(rows[0].Mean.Mean) - 0.03;
        var high = Math.Max(Math.Log(rows[^1].Mean.Mean) + 0.03, low + 0.1);
        double X(double perplexity) => Math.Clamp(
            Left + ((Math.Log(Math.Max(perplexity, 1e-9)) - low) / (high - low) * (Width - Left - Right)), Left,
            Width - Right);
        svg.AppendText(10, top + 28, "start", $"Test perplexity, target: {table.Target}", " font-weight=\"600\"");
        foreach (var (row, index) in rows.Select((row, index) => (row, index)))
        {
            var y = top + HeadHeight + (RowHeight * (index + 0.5));
            var deviation = row.Mean.Deviation ?? 0;
            svg.AppendText(Left - 12, y + 4, "end", row.Name);
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"rule\" d=\"M{Left} {y:0.#}H{Width - Right}\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<path class=\"line\" d=\"M{X(row.Mean.Mean - deviation):0.#} {y:0.#}");
            svg.Append(CultureInfo.InvariantCulture, $"H{X(row.Mean.Mean + deviation):0.#}\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<circle class=\"dot\" cx=\"{X(row.Mean.Mean):0.#}\" cy=\"{y:0.#}\" r=\"4\"/>");
            svg.AppendText(Width - Right + 10, y + 4, "start", Figures.Perplexity(row.Mean.Mean));
        }
    }
}
