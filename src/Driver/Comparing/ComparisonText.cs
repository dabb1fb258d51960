using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CoMiGS.Results;

namespace CoMiGS.Driver.Comparing;

/// <summary>A comparison as Markdown, for a page, and as CSV, for another program.</summary>
internal static class ComparisonText
{
    public static string Markdown(ImmutableArray<SeedTable> tables, ImmutableArray<string> differences)
    {
        var text = new StringBuilder();
        foreach (var table in tables)
        {
            text.Append($"Test perplexity, target: {table.Target}; mean ± standard deviation over seeds.\n\n");
            AppendRow(text, Headings(table));
            AppendRow(text, [.. Headings(table).Select((_, column) => column == 0 ? "---" : "---:")]);
            var lowest = table.LowestMean();
            foreach (var row in table.Rows)
            {
                var cells = Cells(row);
                AppendRow(text, row.Mean.Mean == lowest ? cells.SetItem(1, $"**{cells[1]}**") : cells);
            }

            text.Append('\n');
        }

        foreach (var line in differences)
        {
            text.Append($"- {line}\n");
        }

        return text.ToString();
    }

    /// <summary>One line a run, target and user, every figure in full.</summary>
    public static string Csv(IReadOnlyList<LabelledRun> runs)
    {
        var text = new StringBuilder("run,method,target,seed,user,perplexity,basePerplexity\n");
        foreach (var (source, run) in runs)
        {
            foreach (var arm in run.Summary.Arms)
            {
                foreach (var user in arm.Users)
                {
                    var seed = arm.Seed.ToString(CultureInfo.InvariantCulture);
                    text.AppendJoin(
                        ',', source.Label, arm.Method, arm.Target, seed, user.Id, Number(user.Perplexity),
                        Number(user.BasePerplexity)).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    public static ImmutableArray<string> Headings(SeedTable table) =>
        ["method", "mean", $"vs {table.Main}", .. table.Users, "sent a round"];

    public static ImmutableArray<string> Cells(SeedRow row) =>
    [
        row.Name, row.Mean.ToString(), row.Difference?.Signed() ?? "", .. row.Users.Select(user => user.ToString()),
        Figures.Bytes((long)row.BytesPerRound),
    ];

    private static void AppendRow(StringBuilder text, ImmutableArray<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Number(double value) =>
        double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";
}
