using System.Collections.Immutable;
using System.Text.Json;
using CoMiGS.Driver.Comparing;
using CoMiGS.Learning;
using CoMiGS.Results;

namespace CoMiGS.Driver.Twins;

/// <summary>What faults did to runs: each run beside its twin without faults, seed by seed. faults.json.</summary>
/// <param name="Method">The main method, which is the one compared.</param>
/// <param name="Faults">Every one, in order of seed and round.</param>
/// <param name="Kinds">In order of name.</param>
/// <param name="Rounds">In order.</param>
/// <param name="Users">In order of id.</param>
/// <param name="Perplexity">Mean over users at the end.</param>
/// <param name="TwinPerplexity">Of the twin.</param>
/// <param name="Lost">Perplexity minus the twin's, over seeds.</param>
/// <param name="Folders">Of all results.</param>
internal sealed record TwinComparison(
    string Name, string Method, ImmutableArray<ulong> Seeds, ImmutableArray<SeenFault> Faults,
    ImmutableArray<KindOfFault> Kinds, ImmutableArray<TwinRound> Rounds, ImmutableArray<TwinUser> Users,
    Spread Perplexity, Spread TwinPerplexity, Spread Lost, ImmutableArray<string> Folders)
{
    /// <param name="runs">A run with faults and its twin a seed.</param>
    /// <exception cref="BadInputException">Metrics are missing or damaged.</exception>
    public static TwinComparison Of(string name, IReadOnlyList<(FinishedRun Run, FinishedRun Twin)> runs)
    {
        var pairs = runs.Select(pair => new Pair(
            pair.Run.Summary, pair.Twin.Summary, LinesOf(pair.Run), LinesOf(pair.Twin))).ToList();
        ImmutableArray<SeenFault> faults = [.. pairs.SelectMany(pair => pair.Lines.SelectMany(line =>
            (line.Faults ?? []).Select(fault => new SeenFault(
                pair.Run.Seed, line.Round, fault.User, fault.Kind, fault.Detected, fault.Seconds))))];
        return new(
            name, pairs[0].Run.Method, [.. pairs.Select(pair => pair.Run.Seed)], faults, KindOfFault.Of(faults),
            [.. Enumerable.Range(1, pairs.Max(pair => pair.Lines.Length)).Select(round => RoundOf(pairs, round))],
            UsersOf(pairs), Spread.Of([.. pairs.Select(pair => pair.Run.MeanPerplexity)]),
            Spread.Of([.. pairs.Select(pair => pair.Twin.MeanPerplexity)]),
            Spread.Of([.. pairs.Select(pair => pair.Run.MeanPerplexity - pair.Twin.MeanPerplexity)]),
            [.. runs.SelectMany(pair => new[] { pair.Run.Folder, pair.Twin.Folder })]);
    }

    private static ImmutableArray<MetricsLine> LinesOf(FinishedRun run)
    {
        var path = Path.Combine(run.Folder, MetricsFile.Name);
        try
        {
            return [.. InputFile.ReadText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
                Json.Read<MetricsLine>(line) ?? throw new BadInputException($"{path} is damaged: a line is empty."))];
        }
        catch (JsonException damaged)
        {
            throw new BadInputException($"{path} is damaged: {damaged.Message}", damaged);
        }
    }

    /// <summary>Over users that trained in both: whoever is missing has no loss.</summary>
    private static TwinRound RoundOf(IReadOnlyCollection<Pair> pairs, int round)
    {
        var (missing, differences) = (0, new List<double>());
        foreach (var pair in pairs)
        {
            missing += pair.Line(round)?.Missing.Length ?? 0;
            differences.AddRange(pair.Differences(round).Select(user => user.Nats));
        }

        return new(
            round, missing, differences.Count == 0 ? double.NaN : differences.Average());
    }

    private static ImmutableArray<TwinUser> UsersOf(IReadOnlyCollection<Pair> pairs) =>
    [
        .. from user in pairs.First().Run.Users
           let ends = pairs.Select(pair => (
               Run: pair.Run.Users.Single(other => other.Id == user.Id).Perplexity,
               Twin: pair.Twin.Users.Single(other => other.Id == user.Id).Perplexity)).ToList()
           select new TwinUser(
               user.Id, pairs.Sum(pair => pair.Lines.Count(line => line.Missing.Contains(user.Id))),
               ends.Average(end => end.Run), ends.Average(end => end.Twin),
               [.. Enumerable.Range(1, pairs.First().Lines.Length).Select(round => pairs
                   .SelectMany(pair => pair.Differences(round)).Where(one => one.User == user.Id)
                   .Select(one => one.Nats).DefaultIfEmpty(double.NaN).Average())]),
    ];

    private sealed record Pair(
        Summary Run, Summary Twin, ImmutableArray<MetricsLine> Lines, ImmutableArray<MetricsLine> TwinLines)
    {
        public MetricsLine? Line(int round) => Lines.FirstOrDefault(line => line.Round == round);

        /// <summary>Train loss minus the twin's, nats per token.</summary>
        public IEnumerable<(string User, double Nats)> Differences(int round) =>
            from user in Line(round)?.Users ?? []
            join twin in TwinLines.FirstOrDefault(line => line.Round == round)?.Users ?? [] on user.Id equals twin.Id
            select (user.Id, user.Loss - twin.Loss);
    }
}

/// <summary>One fault.</summary>
/// <param name="Round">From 1.</param>
/// <param name="User">Null: the server or a silo.</param>
/// <param name="Kind">Null: nothing of the plan.</param>
/// <param name="Detected">How the round noticed; null: it did not.</param>
/// <param name="Seconds">From the round's first ticket until then; null: it did not, or knew it beforehand.</param>
internal sealed record SeenFault(
    ulong Seed, int Round, string? User, string? Kind, string? Detected, double? Seconds);

/// <summary>All faults of a kind.</summary>
/// <param name="Detected">How many of them a round noticed.</param>
/// <param name="How">Their reasons, the most frequent first, at most three.</param>
/// <param name="MedianSeconds">Until they were noticed; NaN: none was, or all were known beforehand.</param>
internal sealed record KindOfFault(
    string Kind, int Count, int Detected, ImmutableArray<string> How, double MedianSeconds)
{
    public static ImmutableArray<KindOfFault> Of(IEnumerable<SeenFault> faults) =>
    [
        .. from fault in faults
           group fault by fault.Kind ?? "unplanned" into kind
           orderby kind.Key
           let seconds = kind.Select(fault => fault.Seconds).OfType<double>().Order().ToList()
           select new KindOfFault(
               kind.Key, kind.Count(), kind.Count(fault => fault.Detected is not null),
               [.. kind.Select(fault => fault.Detected).OfType<string>().CountBy(reason => reason)
                   .OrderByDescending(reason => reason.Value).ThenBy(reason => reason.Key, StringComparer.Ordinal)
                   .Take(3).Select(reason => reason.Key)],
               seconds.Count == 0 ? double.NaN : seconds[seconds.Count / 2]),
    ];
}

/// <param name="Missing">Users drawn whose training does not count, all seeds.</param>
/// <param name="LossDifference">Train loss minus the twin's, mean over users that trained in both, nats per token; NaN
/// where nobody did.</param>
internal sealed record TwinRound(int Round, int Missing, double LossDifference);

/// <param name="RoundsMissed">All seeds.</param>
/// <param name="Perplexity">At the end, on the main target, mean over seeds.</param>
/// <param name="LossDifferences">By round; NaN where it did not train in both.</param>
internal sealed record TwinUser(
    string Id, int RoundsMissed, double Perplexity, double TwinPerplexity, ImmutableArray<double> LossDifferences);
