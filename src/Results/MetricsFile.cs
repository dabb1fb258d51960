using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using CoMiGS.Grains.Faults;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Results;

/// <summary>metrics.jsonl: one line per round, each written whole as soon as the round is committed.</summary>
internal sealed class MetricsFile : IAsyncDisposable
{
    public const string Name = "metrics.jsonl";

    private readonly StreamWriter writer;

    public MetricsFile(Arm arm)
    {
        Directory.CreateDirectory(arm.Spec.Output);
        writer = new(Path.Combine(arm.Spec.Output, Name)) { NewLine = "\n" };
    }

    public void Add(RoundReport report)
    {
        writer.WriteLine(Json.WriteLine(MetricsLine.Of(report)));
        writer.Flush();
    }

    /// <summary>All rounds of a run that has ended.</summary>
    /// <exception cref="BadInputException">It is missing, or a line of it is damaged.</exception>
    public static ImmutableArray<MetricsLine> Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        var lines = InputFile.ReadText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select((line, index) => MetricsLine.Read(line)
            ?? throw new BadInputException($"{path} is damaged: line {index + 1} is no round."))];
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();
}

/// <summary>A round in metrics.jsonl.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Loss">Train batches of all users, nats per token.</param>
/// <param name="Seconds">Training, without measuring.</param>
/// <param name="Tokens">Forward and backward, both phases.</param>
/// <param name="Bytes">Adapters sent by users.</param>
/// <param name="BytesAcrossSilos">Parameters that went from one silo to another.</param>
/// <param name="ProductGap">How far the shared adapters' products are from the mean of the users' products, relative to
/// it; null where no product is averaged.</param>
/// <param name="Silos">Users by the silo they trained on.</param>
/// <param name="Simulated">Not there without a virtual clock.</param>
/// <param name="Measured">Who was measured without having taken part; not there where nobody was.</param>
/// <param name="Faults">Not there in a round in which nothing went wrong.</param>
/// <param name="Failure">Why the round fell short of its quorum; not there if it did not.</param>
internal sealed record MetricsLine(
    int Round, double Loss, double Seconds, double EvaluationSeconds, long Tokens, long Bytes, long BytesAcrossSilos,
    double? ProductGap, IReadOnlyDictionary<string, int> Silos, ImmutableArray<MetricsUser> Users,
    ImmutableArray<string> Missing,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MetricsSimulated? Simulated,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<MetricsMeasured>? Measured,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<MetricsFault>? Faults,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Failure)
{
    public static MetricsLine Of(RoundReport report)
    {
        var took = report.Receipts.Select(receipt => receipt.User).ToHashSet();
        ImmutableArray<MetricsMeasured> measured =
        [
            .. report.Evaluations.Where(evaluation => !took.Contains(evaluation.User)).Select(evaluation =>
                new MetricsMeasured(evaluation.User, evaluation.Loss.Perplexity, evaluation.GeneralistShare)),
        ];
        var evaluations = report.Evaluations.ToDictionary(evaluation => evaluation.User);
        var seconds = report.Simulated?.Users.ToDictionary(user => user.User, user => (double?)user.Seconds) ?? [];
        return new(
            report.Round + 1, report.TrainLoss.Mean, report.TrainingSeconds, report.EvaluationSeconds, report.Tokens,
            report.BytesSent, report.BytesAcrossSilos, report.ProductGap, report.UsersBySilo,
            [.. report.Receipts.Select(receipt =>
                MetricsUser.Of(
                    receipt, evaluations.GetValueOrDefault(receipt.User), seconds.GetValueOrDefault(receipt.User)))],
            report.Missing, report.Simulated is { } simulated ? MetricsSimulated.Of(simulated) : null,
            measured.IsEmpty ? null : measured,
            report.Faults.IsEmpty ? null : [.. report.Faults.Select(MetricsFault.Of)], report.Failure);
    }

    /// <summary>A line as it was written; null: it is damaged.</summary>
    public static MetricsLine? Read(string line)
    {
        try
        {
            return Json.Read<MetricsLine>(line) is { Round: > 0 } read && read.IsConsistent() ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether nobody stands in it twice, and everybody's shares are of the same blocks.</summary>
    private bool IsConsistent()
    {
        var late = Simulated?.Late ?? [];
        var surplus = Simulated?.Surplus ?? [];
        var shares = Users.Select(user => user.GeneralistShare ?? [])
            .Concat((Measured ?? []).Select(user => user.GeneralistShare)).Where(share => !share.IsEmpty);
        return AreDistinct(Users.Select(user => user.Id)) && AreDistinct(late.Select(user => user.Id))
            && AreDistinct(surplus.Select(user => user.Id))
            && shares.Select(share => share.Length).Distinct().Count() < 2;
    }

    private static bool AreDistinct(IEnumerable<string> ids)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        return ids.All(known.Add);
    }
}

/// <summary>A user that was measured and took no part, on a part of the first target.</summary>
internal sealed record MetricsMeasured(string Id, double Perplexity, ImmutableArray<double> GeneralistShare);

/// <summary>A round on the virtual clock, in its seconds.</summary>
/// <param name="Start">Since the run's start.</param>
/// <param name="Waited">Part of <paramref name="Seconds"/> in which no device was available.</param>
/// <param name="Late">Who would have answered after the deadline, and when.</param>
/// <param name="Surplus">Who would have answered after enough others had, and when.</param>
internal sealed record MetricsSimulated(
    double Start, double Waited, double Seconds, ImmutableArray<MetricsLate> Late, ImmutableArray<MetricsLate>? Surplus)
{
    public static MetricsSimulated Of(SimulatedRound round) => new(
        round.StartSeconds, round.WaitedSeconds, round.Seconds,
        [.. round.Late.Select(MetricsLate.Of)], [.. round.Surplus.Select(MetricsLate.Of)]);
}

/// <summary>Something that went wrong.</summary>
/// <param name="User">Null: the server or a silo.</param>
/// <param name="Kind">What the fault plan did; null: nothing of the plan.</param>
/// <param name="Detected">How the round noticed; null: it did not.</param>
/// <param name="Seconds">From the round's first ticket until then; null: it did not, or knew it beforehand.</param>
internal sealed record MetricsFault(string? User, string? Kind, string? Detected, double? Seconds)
{
    public static MetricsFault Of(FaultRecord fault) =>
        new(fault.User, fault.Kind?.Name(), fault.Detected, fault.Seconds);
}

internal sealed record MetricsLate(string Id, double Seconds)
{
    public static MetricsLate Of(SimulatedUser user) => new(user.User, user.Seconds);
}

/// <summary>A user's part of a round.</summary>
/// <param name="Loss">Train batches, nats per token.</param>
/// <param name="RouterLoss">The router's batches, nats per token; null in rounds without a router phase.</param>
/// <param name="Seconds">From its ticket's arrival to its answer.</param>
/// <param name="Phases">What <paramref name="Seconds"/> is made of, in seconds.</param>
/// <param name="Perplexity">On a part of the first target; null in rounds that measure nothing.</param>
/// <param name="SimulatedSeconds">Of the virtual clock; not there where users have no devices.</param>
internal sealed record MetricsUser(
    string Id, double Loss, double RouterLoss, long Tokens, long Bytes, double Seconds, UserPhases Phases,
    double? Perplexity, ImmutableArray<double>? GeneralistShare,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? SimulatedSeconds)
{
    public static MetricsUser Of(UserReceipt receipt, UserEvaluation? evaluation, double? simulatedSeconds) => new(
        receipt.User, receipt.TrainLoss.Mean, receipt.RouterLoss.Mean, receipt.Tokens, receipt.BytesSent,
        receipt.ElapsedSeconds, receipt.Phases, evaluation?.Loss.Perplexity, evaluation?.GeneralistShare,
        simulatedSeconds);
}
