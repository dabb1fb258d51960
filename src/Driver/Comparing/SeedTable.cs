using System.Collections.Immutable;
using CoMiGS.Learning.Methods;
using CoMiGS.Results;

namespace CoMiGS.Driver.Comparing;

/// <summary>One target: every method of every run, over seeds. A method a row.</summary>
/// <param name="Users">Whose figures stand one by one; empty where the runs have different users.</param>
/// <param name="Main">Name of the row that the others are compared with.</param>
internal sealed record SeedTable(
    string Target, ImmutableArray<string> Users, ImmutableArray<SeedRow> Rows, string Main)
{
    /// <summary>One per target, in the order in which the runs name them.</summary>
    /// <param name="runs">In order; one source: its label is left out.</param>
    public static ImmutableArray<SeedTable> Of(IReadOnlyList<LabelledRun> runs)
    {
        var arms = runs.SelectMany(run => run.Run.Summary.Arms.Select(arm => (run.Source, Arm: arm))).ToArray();
        return
        [
            .. from target in arms.Select(arm => arm.Arm.Target).Distinct()
               select Of(
                   target, [.. arms.Where(arm => arm.Arm.Target == target)],
                   runs.Select(run => run.Source).Distinct().Count() > 1),
        ];
    }

    /// <summary>The lowest mean of all rows; NaN when every run diverged.</summary>
    public double LowestMean() => Figures.Lowest(Rows.Select(row => row.Mean.Mean));

    private static SeedTable Of(string target, (ComparedSource Source, ArmSummary Arm)[] arms, bool several)
    {
        // Baselines first, as in the paper's tables: the main method stands last.
        var groups = arms
            .GroupBy(arm => (arm.Source, arm.Arm.Method, IsMain: arm.Arm.Method == arm.Source.Main))
            .GroupBy(group => group.Key.Source).SelectMany(source => source.OrderBy(group => group.Key.IsMain))
            .Select(group => (
                Name: NameOf(group.Key.Source, group.Key.Method, several), group.Key.IsMain,
                Arms: group.Select(arm => arm.Arm).ToArray()))
            .ToArray();
        var main = groups.FirstOrDefault(group => group.IsMain, groups[^1]);
        var users = arms.Select(arm => string.Join(' ', arm.Arm.Users.Select(user => user.Id))).Distinct().Count() == 1
            ? arms[0].Arm.Users.Select(user => user.Id).ToImmutableArray()
            : [];
        var mainMeans = MeansBySeed(main.Arms);
        var rows = groups.Select(group =>
            Row(group.Name, group.Arms, users, group.Name == main.Name ? [] : mainMeans));
        var bases = arms.GroupBy(arm => arm.Source)
            .Where(source => source.All(arm => arm.Arm.Method != MethodCatalog.Pretrained))
            .Select(source => BaseRow(
                NameOf(source.Key, MethodCatalog.Pretrained, several), source.First().Arm, users));
        return new(target, users, [.. bases, .. rows], main.Name);
    }

    private static string NameOf(ComparedSource source, string method, bool several) =>
        several ? $"{source.Label}: {method}" : method;

    private static SeedRow Row(
        string name, ArmSummary[] arms, ImmutableArray<string> users, Dictionary<ulong, double> main)
    {
        var own = MeansBySeed(arms);
        double[] differences =
            [.. own.Where(seed => main.ContainsKey(seed.Key)).Select(seed => seed.Value - main[seed.Key])];
        return new(
            name, Spread.Of(own.Values), [.. users.Select((_, index) =>
                Spread.Of([.. arms.Select(arm => arm.Users[index].Perplexity)]))],
            differences.Length > 0 ? Spread.Of(differences) : null,
            arms.Average(arm => (double)arm.BytesSent / arm.Users.Length / arm.Rounds),
            arms.Average(arm => arm.TokensPerSecond));
    }

    private static SeedRow BaseRow(string name, ArmSummary arm, ImmutableArray<string> users) => new(
        name, Spread.Of([arm.Users.Average(user => user.BasePerplexity)]),
        [.. users.Select((_, index) => Spread.Of([arm.Users[index].BasePerplexity]))], null, 0, 0);

    private static Dictionary<ulong, double> MeansBySeed(IEnumerable<ArmSummary> arms) => arms
        .GroupBy(arm => arm.Seed).ToDictionary(seed => seed.Key, seed => seed.Last().MeanPerplexity);
}

/// <summary>One method over seeds.</summary>
/// <param name="Mean">Mean over users of their test perplexities.</param>
/// <param name="Users">In the order of the table's users.</param>
/// <param name="Difference">Of the mean to the main row's with the same seed; null in the main row, and where no seed
/// is in both.</param>
/// <param name="BytesPerRound">Adapters that a user sends a round.</param>
internal sealed record SeedRow(
    string Name, Spread Mean, ImmutableArray<Spread> Users, Spread? Difference, double BytesPerRound,
    double TokensPerSecond);
