using System.Collections.Immutable;
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
            pair.Run.Summary, pair.Twin.Summary, MetricsFile.Read(pair.Run.Folder), MetricsFile.Read(pair.Twin.Folder)))
            .ToList();
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

    /// <summary>Over users that trained in both: whoever is missing has no loss.</summary>
    private static TwinRound RoundOf(IReadOnlyCollection<Pair> pairs, int round) => new(
        round, pairs.Sum(pair => pair.MissingIn(round)),
        MeanOf(pairs.SelectMany(pair => pair.DifferencesIn(round).Values)));

    private static ImmutableArray<TwinUser> UsersOf(IReadOnlyCollection<Pair> pairs) =>
    [
        .. pairs.First().Run.Users.Select(user => new TwinUser(
            user.Id, pairs.Sum(pair => pair.RoundsMissed.GetValueOrDefault(user.Id)),
            pairs.Average(pair => pair.Ends[user.Id]), pairs.Average(pair => pair.TwinEnds[user.Id]),
            [.. Enumerable.Range(1, pairs.First().Lines.Length).Select(round => MeanOf(pairs
                .Select(pair => pair.DifferencesIn(round)).Where(users => users.ContainsKey(user.Id))
                .Select(users => users[user.Id])))])),
    ];

    private static double MeanOf(IEnumerable<double> figures) => figures.DefaultIfEmpty(double.NaN).Average();

    /// <summary>A run and its twin, looked up by round and user once.</summary>
    private sealed class Pair
    {
        private readonly Dictionary<int, int> missing;
        private readonly Dictionary<int, Dictionary<string, double>> differences;

        public Pair(
            Summary run, Summary twin, ImmutableArray<MetricsLine> lines, ImmutableArray<MetricsLine> twinLines)
        {
            (Run, Twin, Lines) = (run, twin, lines);
            (Ends, TwinEnds) = (EndsOf(run), EndsOf(twin));
            RoundsMissed = lines.SelectMany(line => line.Missing).CountBy(user => user).ToDictionary();
            var rounds = lines.DistinctBy(line => line.Round).ToArray();
            missing = rounds.ToDictionary(line => line.Round, line => line.Missing.Length);
            differences = rounds.Join(
                twinLines.DistinctBy(line => line.Round), line => line.Round, other => other.Round,
                (line, other) => (line.Round, Users: DifferencesOf(line, other)))
                .ToDictionary(round => round.Round, round => round.Users);
        }

        public Summary Run { get; }

        public Summary Twin { get; }

        public ImmutableArray<MetricsLine> Lines { get; }

        /// <summary>By user: perplexity at the end.</summary>
        public Dictionary<string, double> Ends { get; }

        public Dictionary<string, double> TwinEnds { get; }

        /// <summary>By user; who missed none is not there.</summary>
        public Dictionary<string, int> RoundsMissed { get; }

        public int MissingIn(int round) => missing.GetValueOrDefault(round);

        /// <summary>By user: train loss minus the twin's, nats per token.</summary>
        public Dictionary<string, double> DifferencesIn(int round) => differences.GetValueOrDefault(round, []);

        private static Dictionary<string, double> DifferencesOf(MetricsLine line, MetricsLine twin) => line.Users
            .Join(
                twin.Users, user => user.Id, other => other.Id,
                (user, other) => (user.Id, Nats: user.Loss - other.Loss))
            .ToDictionary(user => user.Id, user => user.Nats);

        private static Dictionary<string, double> EndsOf(Summary summary) =>
            summary.Users.ToDictionary(user => user.Id, user => user.Perplexity);
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
/// <param name="How">How, in short; the most frequent first, at most three.</param>
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
               [.. kind.Select(fault => fault.Detected?.Split(':')[0]).OfType<string>().CountBy(reason => reason)
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
