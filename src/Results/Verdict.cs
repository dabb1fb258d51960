using CoMiGS.Results.RunFiles;

namespace CoMiGS.Results;

/// <summary>Who wins, as it is.</summary>
internal static class Verdict
{
    /// <summary>One line: per target the method with the lowest mean perplexity, and how far the main method is from
    /// it.</summary>
    public static string Of(Summary summary) =>
        string.Join(" ", Comparison.Of(summary).Select(comparison => Of(comparison, summary.Method)));

    private static string Of(Comparison comparison, string main)
    {
        var best = Best(comparison.Rows) ?? comparison.Rows[0];
        var own = comparison.Rows.First(row => row.Name == main);
        var place = comparison.Target switch
        {
            RunFile.OwnTarget => "At home (own)",
            RunFile.MixtureTarget => "Away (mixture)",
            _ => $"On {comparison.Target}",
        };
        return best == own
            ? $"{place} {main} wins with a mean perplexity of {Figures.Perplexity(own.Mean)}"
                + $"{RunnerUp(comparison, own)}."
            : $"{place} {best.Name} wins with a mean perplexity of {Figures.Perplexity(best.Mean)}; "
                + $"{main} has {Figures.Perplexity(own.Mean)}.";
    }

    /// <summary>A run that diverged wins nothing.</summary>
    private static ComparisonRow? Best(IEnumerable<ComparisonRow> rows) =>
        rows.Where(row => double.IsFinite(row.Mean)).MinBy(row => row.Mean);

    private static string RunnerUp(Comparison comparison, ComparisonRow winner)
    {
        var second = Best(comparison.Rows.Where(row => row != winner));
        return second is null ? "" : $", before {second.Name} with {Figures.Perplexity(second.Mean)}";
    }
}
