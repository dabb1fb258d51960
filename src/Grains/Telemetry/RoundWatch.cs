using System.Collections.Immutable;
using System.Diagnostics;
using CoMiGS.Grains.Faults;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Telemetry;

/// <summary>Follows one round from its beginning to its end as a span, and counts it when it is disposed of.</summary>
internal sealed class RoundWatch : IDisposable
{
    private readonly RunSpec spec;
    private readonly TimeProvider time;
    private readonly CancellationToken left;
    private readonly long started;
    private readonly Activity? span;
    private bool committed;

    /// <param name="left">Cancelled when the round is given up here without having failed.</param>
    public RoundWatch(RunSpec spec, int round, TimeProvider time, CancellationToken left)
    {
        (this.spec, this.time, this.left) = (spec, time, left);
        started = time.GetTimestamp();
        span = Spans.StartRound(spec, round);
    }

    public void Committed(RoundReport report)
    {
        committed = true;
        span?.SetTag("comigs.users", report.Receipts.Length)
            .SetTag("comigs.missing", report.Missing.Length)
            .SetTag("comigs.tokens", report.Tokens)
            .SetTag("comigs.slowest_user", report.Receipts.MaxBy(receipt => receipt.ElapsedSeconds)?.User);
        Count(report);
    }

    public void Dispose()
    {
        var outcome = committed ? "committed" : left.IsCancellationRequested ? "interrupted" : "failed";
        Instruments.RoundDuration.Record(
            time.GetElapsedTime(started).TotalSeconds, new("method", spec.Method), new("outcome", outcome));
        span?.SetTag("comigs.outcome", outcome).SetStatus(
            outcome == "failed" ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
        span?.Dispose();
    }

    private void Count(RoundReport report)
    {
        var method = new KeyValuePair<string, object?>("method", spec.Method);
        foreach (var receipt in report.Receipts)
        {
            var silo = new KeyValuePair<string, object?>("silo", receipt.Silo);
            Instruments.TrainTokens.Add(receipt.Tokens, method, silo);
            Instruments.UserSent.Add(receipt.BytesSent, method, silo);
            Instruments.UserDuration.Record(receipt.ElapsedSeconds, method, silo);
            Count(receipt.Phases, method);
        }

        Instruments.SiloSent.Add(report.BytesAcrossSilos, method);
        CountUsers("trained", report.Receipts.Count(receipt => receipt.Tokens > 0));
        CountUsers("idle", report.Receipts.Count(receipt => receipt.Tokens == 0));
        var late = report.Simulated?.Late.Length ?? 0;
        CountUsers("late", late);
        CountUsers("missing", report.Missing.Length - late);
        CountUsers("surplus", report.Simulated?.Surplus.Length ?? 0);
        foreach (var fault in report.Faults)
        {
            Instruments.Faults.Add(1, new KeyValuePair<string, object?>("kind", fault.Kind?.Name() ?? "unplanned"));
        }

        if (report.TrainLoss.Weight > 0)
        {
            Instruments.TrainLoss.Record(report.TrainLoss.Mean, method);
        }

        Show(report.Evaluations, method);

        void CountUsers(string outcome, int users) =>
            Instruments.RoundUsers.Add(users, method, new("outcome", outcome));
    }

    private static void Count(UserPhases phases, KeyValuePair<string, object?> method)
    {
        foreach (var (phase, seconds) in new (string, double)[]
        {
            ("queue", phases.Queue), ("load", phases.Load), ("train", phases.Train),
            ("router", phases.Router), ("save", phases.Save), ("upload", phases.Upload),
        })
        {
            if (seconds > 0)   // a round without a router phase says nothing about how long one takes
            {
                Instruments.UserPhaseDuration.Record(seconds, method, new("phase", phase));
            }
        }
    }

    private static void Show(ImmutableArray<UserEvaluation> evaluations, KeyValuePair<string, object?> method)
    {
        foreach (var target in evaluations.GroupBy(evaluation => evaluation.Target))
        {
            Instruments.Perplexity.Record(
                target.Average(evaluation => evaluation.Loss.Perplexity), method, new("target", target.Key));
        }

        var routed = evaluations.Where(evaluation => !evaluation.GeneralistShare.IsEmpty).ToArray();
        for (var block = 0; block < (routed.FirstOrDefault()?.GeneralistShare.Length ?? 0); block++)
        {
            Instruments.GeneralistShare.Record(
                routed.Average(evaluation => evaluation.GeneralistShare[block]), method, new("block", block + 1));
        }
    }
}
