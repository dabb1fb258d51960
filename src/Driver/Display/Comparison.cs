using System.Collections.Immutable;
using CoMiGS.Driver.Running;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Driver.Display;

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
    public static ImmutableArray<Comparison> Of(ImmutableArray<ArmOutcome> outcomes) =>
        [.. outcomes.SelectMany(outcome => outcome.Arm.Targets).Distinct().Select(target => Of(outcomes, target))];

    /// <summary>A row's figures under the headings.</summary>
    public ImmutableArray<double> Cells(ComparisonRow row)
    {
        var sorted = row.Perplexities.Sort();
        return Users.Length <= UsersShown
            ? [.. row.Perplexities, row.Mean]
            : [sorted[0], sorted[sorted.Length / 2], sorted[^1], row.Mean];
    }

    /// <summary>The lowest figure under every heading.</summary>
    public ImmutableArray<double> Lowest() =>
        [.. Headings.Select((_, column) => Figures.Lowest(Rows.Select(row => Cells(row)[column])))];

    private static Comparison Of(ImmutableArray<ArmOutcome> outcomes, string target)
    {
        // Baselines first, as in the paper's tables: the main method stands last.
        var measured = outcomes.Where(outcome => outcome.Arm.Targets.Contains(target))
            .OrderBy(outcome => outcome.Arm.Method.Name == outcomes[0].Arm.Method.Name).ToArray();
        var first = measured[0].On(target);
        var rows = measured.Where(outcome => outcome.Arm.Method.Name != MethodCatalog.Pretrained)
            .Select(outcome => new ComparisonRow(
                outcome.Arm.Method.Name, [.. outcome.On(target).Select(user => user.On.Loss.Perplexity)]));
        return new(
            target, [.. first.Select(user => user.User.Id)],
            [new(MethodCatalog.Pretrained, [.. first.Select(user => user.On.BaseLoss.Perplexity)]), .. rows]);
    }
}

/// <param name="Perplexities">In order of the users.</param>
internal sealed record ComparisonRow(string Name, ImmutableArray<double> Perplexities)
{
    public double Mean => Perplexities.Average();
}
