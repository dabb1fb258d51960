using System.Collections.Immutable;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Results;

/// <summary>Perplexities of all methods on one target, a method a row, the base first.</summary>
internal sealed record Comparison(
    string Target, ImmutableArray<string> Users, ImmutableArray<ComparisonRow> Rows)
{
    private const int UsersShown = 8;

    /// <summary>What the figures of a row are of: the users one by one, or, where they are many, the best, the middle
    /// and the worst of them; last the mean.</summary>
    public ImmutableArray<string> Headings => Users.Length <= UsersShown
        ? [.. Users, "mean"]
        : ["best user", "median", "worst user", "mean"];

    /// <summary>One per target, in order of the run file.</summary>
    public static ImmutableArray<Comparison> Of(Summary summary) =>
        [.. summary.Arms.GroupBy(arm => arm.Target).Select(measured => Of(summary.Method, measured.Key, measured))];

    /// <summary>A row's figures under the headings.</summary>
    public ImmutableArray<double> Cells(ComparisonRow row)
    {
        var sorted = row.Perplexities.Sort();
        return Users.Length <= UsersShown
            ? [.. row.Perplexities, row.Mean]
            : [sorted[0], (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[^1], row.Mean];
    }

    /// <summary>The lowest figure under every heading.</summary>
    public ImmutableArray<double> Lowest() =>
        [.. Headings.Select((_, column) => Figures.Lowest(Rows.Select(row => Cells(row)[column])))];

    private static Comparison Of(string main, string target, IEnumerable<ArmSummary> measured)
    {
        // Baselines first, as in the paper's tables: the main method stands last.
        var arms = measured.OrderBy(arm => arm.Method == main).ToArray();
        var rows = arms.Where(arm => arm.Method != MethodCatalog.Pretrained)
            .Select(arm => new ComparisonRow(arm.Method, [.. arm.Users.Select(user => user.Perplexity)]));
        return new(
            target, [.. arms[0].Users.Select(user => user.Id)],
            [new(MethodCatalog.Pretrained, [.. arms[0].Users.Select(user => user.BasePerplexity)]), .. rows]);
    }
}

/// <param name="Perplexities">In order of the users.</param>
internal sealed record ComparisonRow(string Name, ImmutableArray<double> Perplexities)
{
    public double Mean => Perplexities.Average();
}
