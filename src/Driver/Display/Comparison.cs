using System.Collections.Immutable;
using CoMiGS.Driver.Running;

namespace CoMiGS.Driver.Display;

/// <summary>Perplexities of all methods on one target, side by side, the base first.</summary>
internal sealed record Comparison(
    string Target, ImmutableArray<string> Users, ImmutableArray<ComparisonColumn> Columns)
{
    /// <summary>One per target, in order of the run file.</summary>
    public static ImmutableArray<Comparison> Of(ImmutableArray<ArmOutcome> outcomes) =>
        [.. outcomes.SelectMany(outcome => outcome.Arm.Targets).Distinct().Select(target => Of(outcomes, target))];

    private static Comparison Of(ImmutableArray<ArmOutcome> outcomes, string target)
    {
        // Baselines first, as in the paper's tables: the main method stands last.
        var measured = outcomes.Where(outcome => outcome.Arm.Targets.Contains(target))
            .OrderBy(outcome => outcome.Arm.Method.Name == outcomes[0].Arm.Method.Name).ToArray();
        var first = measured[0].On(target);
        var columns = measured.Select(outcome => new ComparisonColumn(
            outcome.Arm.Method.Name, [.. outcome.On(target).Select(user => user.On.Loss.Perplexity)]));
        return new(
            target, [.. first.Select(user => user.User.Id)],
            [new("base", [.. first.Select(user => user.On.BaseLoss.Perplexity)]), .. columns]);
    }
}

/// <param name="Perplexities">In order of the users.</param>
internal sealed record ComparisonColumn(string Name, ImmutableArray<double> Perplexities)
{
    public double Mean => Perplexities.Average();
}
