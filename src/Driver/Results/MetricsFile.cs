using System.Collections.Immutable;
using CoMiGS.Driver.RunFiles;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Driver.Results;

/// <summary>metrics.jsonl: one line per round, each written whole as soon as the round is committed.</summary>
internal sealed class MetricsFile : IAsyncDisposable
{
    private readonly StreamWriter writer;

    public MetricsFile(Arm arm)
    {
        Directory.CreateDirectory(arm.Spec.Output);
        writer = new(Path.Combine(arm.Spec.Output, "metrics.jsonl")) { NewLine = "\n" };
    }

    public void Add(RoundReport report)
    {
        writer.WriteLine(Json.WriteLine(MetricsLine.Of(report)));
        writer.Flush();
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
internal sealed record MetricsLine(
    int Round, double Loss, double Seconds, double EvaluationSeconds, long Tokens, long Bytes, long BytesAcrossSilos,
    double? ProductGap, IReadOnlyDictionary<string, int> Silos, ImmutableArray<MetricsUser> Users,
    ImmutableArray<string> Missing)
{
    public static MetricsLine Of(RoundReport report)
    {
        var evaluations = report.Evaluations.ToDictionary(evaluation => evaluation.User);
        return new(
            report.Round + 1, report.TrainLoss.Mean, report.TrainingSeconds, report.EvaluationSeconds, report.Tokens,
            report.BytesSent, report.BytesAcrossSilos, report.ProductGap, report.UsersBySilo,
            [.. report.Receipts.Select(receipt =>
                MetricsUser.Of(receipt, evaluations.GetValueOrDefault(receipt.User)))],
            report.Missing);
    }
}

/// <summary>A user's part of a round.</summary>
/// <param name="Loss">Train batches, nats per token.</param>
/// <param name="RouterLoss">The router's batches, nats per token; null in rounds without a router phase.</param>
/// <param name="Perplexity">On a part of the first target; null in rounds that measure nothing.</param>
internal sealed record MetricsUser(
    string Id, double Loss, double RouterLoss, long Tokens, long Bytes, double Seconds, double? Perplexity,
    ImmutableArray<double>? GeneralistShare)
{
    public static MetricsUser Of(UserReceipt receipt, UserEvaluation? evaluation) => new(
        receipt.User, receipt.TrainLoss.Mean, receipt.RouterLoss.Mean, receipt.Tokens, receipt.BytesSent,
        receipt.ElapsedSeconds, evaluation?.Loss.Perplexity, evaluation?.GeneralistShare);
}
