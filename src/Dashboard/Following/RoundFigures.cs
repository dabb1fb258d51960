using System.Collections.Immutable;
using CoMiGS.Interfaces.Users;
using CoMiGS.Results;

namespace CoMiGS.Dashboard.Following;

/// <summary>A round of one arm: its figures, and those of its users column by column, since they may be many.</summary>
internal sealed record RoundFigures
{
    /// <summary>Names of the phases, in the order of <see cref="Phases"/>.</summary>
    public static readonly ImmutableArray<string> PhaseNames = ["queue", "load", "train", "router", "save", "upload"];

    /// <summary>From 1.</summary>
    public required int Round { get; init; }

    public required double Loss { get; init; }

    public required double Seconds { get; init; }

    public required double EvaluationSeconds { get; init; }

    public required long Tokens { get; init; }

    public required long Bytes { get; init; }

    /// <summary>On the virtual clock; null without one.</summary>
    public required double? SimulatedSeconds { get; init; }

    /// <summary>Who took part: indices into the arm's users, ascending. The columns below are in this order.</summary>
    public required int[] Users { get; init; }

    public required float[] Losses { get; init; }

    public required float[] UserSeconds { get; init; }

    /// <summary>NaN where not measured.</summary>
    public required float[] Perplexities { get; init; }

    /// <summary>On the virtual clock; null without one.</summary>
    public required float[]? UserSimulatedSeconds { get; init; }

    /// <summary>[user · phase]; null where the file does not tell.</summary>
    public required float[]? Phases { get; init; }

    /// <summary>Who was measured without having taken part.</summary>
    public required (int User, double Perplexity)[] OnlyMeasured { get; init; }

    public required ImmutableArray<string> Missing { get; init; }

    /// <summary>Of those missing: whose device was too slow, with its seconds.</summary>
    public required ImmutableArray<MetricsLate> Late { get; init; }

    /// <summary>Who would have answered after enough others had, with its seconds. Neither took part nor is
    /// missing.</summary>
    public required ImmutableArray<MetricsLate> Surplus { get; init; }

    public required ImmutableArray<MetricsFault> Faults { get; init; }

    /// <summary>Why it fell short of its quorum; null: it did not.</summary>
    public required string? Failure { get; init; }

    /// <summary>Null where nobody was measured.</summary>
    public required Spread? Perplexity { get; init; }

    /// <summary>Mean over the measured users: per block the share of tokens whose first expert is the generalist.
    /// </summary>
    public required ImmutableArray<double> GeneralistShare { get; init; }

    /// <param name="indexOf">A user's place in the arm; negative: not one of its users.</param>
    public static RoundFigures Of(MetricsLine line, Func<string, int> indexOf)
    {
        var users = line.Users
            .Select(user => (User: user, Index: indexOf(user.Id))).Where(user => user.Index >= 0)
            .OrderBy(user => user.Index).ToArray();
        var measured = line.Measured ?? [];
        var perplexities = users.Select(user => user.User.Perplexity ?? double.NaN)
            .Concat(measured.Select(user => user.Perplexity)).Where(double.IsFinite).ToArray();
        var shares = users.Select(user => user.User.GeneralistShare ?? [])
            .Concat(measured.Select(user => user.GeneralistShare)).Where(shares => !shares.IsDefaultOrEmpty).ToArray();
        return new()
        {
            Round = line.Round,
            Loss = line.Loss,
            Seconds = line.Seconds,
            EvaluationSeconds = line.EvaluationSeconds,
            Tokens = line.Tokens,
            Bytes = line.Bytes,
            SimulatedSeconds = line.Simulated?.Seconds,
            Users = [.. users.Select(user => user.Index)],
            Losses = [.. users.Select(user => (float)user.User.Loss)],
            UserSeconds = [.. users.Select(user => (float)user.User.Seconds)],
            Perplexities = [.. users.Select(user => (float)(user.User.Perplexity ?? double.NaN))],
            UserSimulatedSeconds = line.Simulated is null
                ? null
                : [.. users.Select(user => (float)(user.User.SimulatedSeconds ?? double.NaN))],
            Phases = users.Any(user => user.User.Phases != default)
                ? [.. users.SelectMany(user => Columns(user.User.Phases))]
                : null,
            OnlyMeasured =
            [
                .. measured.Select(user => (User: indexOf(user.Id), user.Perplexity)).Where(user => user.User >= 0),
            ],
            Missing = line.Missing,
            Late = line.Simulated?.Late ?? [],
            Surplus = line.Simulated?.Surplus ?? [],
            Faults = line.Faults ?? [],
            Failure = line.Failure,
            Perplexity = perplexities.Length == 0 ? null : Spread.Of(perplexities),
            GeneralistShare = shares.Length == 0
                ? []
                : [.. shares[0].Select((_, block) => shares.Average(user => user[block]))],
        };
    }

    /// <summary>Place of a user in this round's columns; negative: it took no part.</summary>
    public int PlaceOf(int user) => Array.BinarySearch(Users, user);

    /// <summary>Null where the file does not tell.</summary>
    public double[]? PhasesAt(int place) => Phases is null
        ? null
        : [.. Phases.AsSpan(place * PhaseNames.Length, PhaseNames.Length).ToArray().Select(seconds => (double)seconds)];

    private static float[] Columns(UserPhases phases) =>
    [
        (float)phases.Queue, (float)phases.Load, (float)phases.Train, (float)phases.Router, (float)phases.Save,
        (float)phases.Upload,
    ];
}

/// <summary>How figures of many users are spread.</summary>
/// <param name="Quantiles">5, 25, 50, 75 and 95 %.</param>
internal sealed record Spread(double Mean, ImmutableArray<double> Quantiles)
{
    private static readonly double[] At = [0.05, 0.25, 0.5, 0.75, 0.95];

    /// <param name="values">At least one; they are put in order.</param>
    public static Spread Of(double[] values)
    {
        Array.Sort(values);
        return new(values.Average(), [.. At.Select(share => Quantile(values, share))]);
    }

    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
