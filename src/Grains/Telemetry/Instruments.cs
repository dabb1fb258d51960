using System.Diagnostics.Metrics;

namespace CoMiGS.Grains.Telemetry;

/// <summary>Every figure this system tells the world while it runs, described in METRICS.md. Attributes have few
/// values: never a user's or a run's name.</summary>
public static class Instruments
{
    public const string MeterName = "CoMiGS";

    private static readonly Meter Meter = new(MeterName);

    private static readonly InstrumentAdvice<double> OfRounds = new()
    {
        HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000],
    };

    private static readonly InstrumentAdvice<double> OfUsers = new()
    {
        HistogramBucketBoundaries =
            [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000],
    };

    private static readonly InstrumentAdvice<double> OfFiles = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5],
    };

    public static readonly Histogram<double> RoundDuration = Meter.CreateHistogram(
        "comigs.round.duration", "s", "From a round's beginning to its commit, or to its failure.", null, OfRounds);

    public static readonly Histogram<double> RoundStepDuration = Meter.CreateHistogram(
        "comigs.round.step.duration", "s", "The server's own part of a round.", null, OfUsers);

    public static readonly Counter<long> RoundUsers = Meter.CreateCounter<long>(
        "comigs.round.users", "{user}", "Users drawn for committed rounds, by what came of it.");

    public static readonly Histogram<double> UserDuration = Meter.CreateHistogram(
        "comigs.user.duration", "s", "From a ticket's arrival at its user to the answer, in committed rounds.", null,
        OfUsers);

    public static readonly Histogram<double> UserPhaseDuration = Meter.CreateHistogram(
        "comigs.user.phase.duration", "s", "What a user's duration is made of.", null, OfUsers);

    public static readonly Counter<long> TrainTokens = Meter.CreateCounter<long>(
        "comigs.train.tokens", "{token}", "Tokens that went forward and backward in committed rounds, both phases.");

    public static readonly Counter<long> UserSent = Meter.CreateCounter<long>(
        "comigs.user.sent", "By", "Adapters sent by users in committed rounds.");

    public static readonly Counter<long> Uploads = Meter.CreateCounter<long>(
        "comigs.uploads", "{upload}", "Adapters that reached their silo's sum, by what came of it.");

    public static readonly Counter<long> SiloSent = Meter.CreateCounter<long>(
        "comigs.silo.sent", "By", "Parameters that went from one silo to another in committed rounds.");

    public static readonly Gauge<double> TrainLoss = Meter.CreateGauge<double>(
        "comigs.train.loss", "{nat}", "Cross-entropy of the last round's train batches, nats per token.");

    public static readonly Gauge<double> Perplexity = Meter.CreateGauge<double>(
        "comigs.perplexity", "{perplexity}", "Mean over the users measured last.");

    public static readonly Gauge<double> GeneralistShare = Meter.CreateGauge<double>(
        "comigs.generalist.share", "1",
        "Share of tokens whose top-1 expert is the generalist, mean over the users measured last.");

    public static readonly Counter<long> Runs = Meter.CreateCounter<long>(
        "comigs.runs", "{run}", "Runs that ended.");

    public static readonly UpDownCounter<long> Activations = Meter.CreateUpDownCounter<long>(
        "comigs.user.activations", "{activation}", "Users in memory.");

    public static readonly UpDownCounter<long> AdmissionUsers = Meter.CreateUpDownCounter<long>(
        "comigs.admission.users", "{user}", "Users at work, or waiting for it.");

    public static readonly Counter<long> CacheRequests = Meter.CreateCounter<long>(
        "comigs.cache.requests", "{request}", "Questions to what a silo keeps for all its users.");

    public static readonly Histogram<double> StateDuration = Meter.CreateHistogram(
        "comigs.state.duration", "s", "One operation on stored state.", null, OfFiles);

    public static readonly Counter<long> StateBytes = Meter.CreateCounter<long>(
        "comigs.state.io", "By", "Stored state read and written.");

    public static readonly Counter<long> Faults = Meter.CreateCounter<long>(
        "comigs.faults", "{fault}", "Faults that were injected or met.");
}
