using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using CoMiGS.Grains.Telemetry;
using CoMiGS.Telemetry.Tests.Otlp;

namespace CoMiGS.Telemetry.Tests;

/// <summary>What arrives of a run as metrics, against the catalogue in METRICS.md.</summary>
public sealed class MetricTests(OneSiloRun one) : IClassFixture<OneSiloRun>
{
    /// <summary>What a run without faults on one silo need not have said.</summary>
    private static readonly string[] Rare = ["comigs.faults"];

    private readonly IReadOnlyDictionary<string, Metric> metrics = one.Run.Receiver.MetricsOf(Instruments.MeterName);

    [Fact]
    public void Catalogue_InTheDocument_IsThatOfTheCode()
    {
        var published = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == Instruments.MeterName)
                {
                    var kind = instrument.GetType().Name.Split('`')[0].ToLowerInvariant();
                    published.Add($"{instrument.Name} | {kind} | {instrument.Unit} | {instrument.Description}");
                }
            },
        };
        RuntimeHelpers.RunClassConstructor(typeof(Instruments).TypeHandle);
        listener.Start();

        Assert.Equal(
            CataloguedMetric.All.Select(row => $"{row.Name} | {row.Instrument} | {row.Unit} | {row.Description}"),
            published);
    }

    [Fact]
    public void Metrics_OfARun_AreTheCatalogues_WithItsUnitsAndAttributes()
    {
        Assert.Equal(
            CataloguedMetric.All.Select(row => row.Name).Except(Rare).Order(), metrics.Keys.Except(Rare).Order());
        foreach (var row in CataloguedMetric.All.Where(row => metrics.ContainsKey(row.Name)))
        {
            Assert.Equal(row.Unit, metrics[row.Name].Unit);
            Assert.All(AttributesOf(metrics[row.Name]), attributes =>
            {
                Assert.Equal(row.Attributes.Keys.Order(), attributes.Select(attribute => attribute.Key).Order());
                Assert.All(
                    attributes.Where(attribute => row.Attributes[attribute.Key].Length > 0),
                    attribute => Assert.Contains(attribute.Value.StringValue, row.Attributes[attribute.Key]));
                Assert.DoesNotContain(
                    attributes, attribute => attribute.Value.StringValue is "u0" or "u1" or "u2" or "u3" or "run");
            });
        }
    }

    [Fact]
    public void Metrics_OfARun_AreItsFigures()
    {
        const int turns = ExportedRun.Users * ExportedRun.Rounds;
        var result = one.Run.Result;

        Assert.Equal(result.TrainedTokens, Total("comigs.train.tokens"));
        Assert.Equal(result.BytesSent, Total("comigs.user.sent"));
        Assert.Equal(turns, Total("comigs.round.users", ("outcome", "trained")));
        Assert.Equal(0, Total("comigs.round.users", ("outcome", "missing")));
        Assert.Equal(1, Total("comigs.runs", ("outcome", "finished")));
        Assert.Equal(0, Total("comigs.admission.users", ("state", "working")));
        Assert.Equal(0, Total("comigs.admission.users", ("state", "waiting")));
        Assert.True(Total("comigs.state.io", ("operation", "write")) > result.BytesSent);
        Assert.Equal(ExportedRun.Rounds, Histogram("comigs.round.duration").Sum(point => (int)point.Count));
        Assert.Equal(turns, Histogram("comigs.user.duration").Sum(point => (int)point.Count));
        var phases = Histogram("comigs.user.phase.duration");
        Assert.Equal(turns, (int)phases.Single(point => point.Attributes.Text("phase") == "train").Count);
        var perUser = Histogram("comigs.user.duration").Sum(point => point.Sum);
        Assert.InRange(phases.Sum(point => point.Sum) / perUser, 0.95, 1.0001);
    }

    [Fact]
    public void Histograms_HaveBucketsOfOurOwn_AndRoundsAnExampleOfTheirTrace()
    {
        Assert.All(
            CataloguedMetric.All.Where(row => row.Instrument == "histogram"),
            row => Assert.All(Histogram(row.Name), point => Assert.InRange(point.ExplicitBounds[0], 1e-4, 0.1)));
        var rounds = one.Run.Receiver.Spans.Where(span => span.Name == "round").Select(span => span.TraceId);
        var examples = Histogram("comigs.round.duration").SelectMany(point => point.Exemplars).ToArray();
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Contains(example.TraceId, rounds));
    }

    [Fact]
    public void Sums_AreCumulative_AndOnlyCountersMonotonic()
    {
        foreach (var row in CataloguedMetric.All.Where(row => metrics.GetValueOrDefault(row.Name)?.Sum is not null))
        {
            var sum = metrics[row.Name].Sum;
            Assert.Equal(AggregationTemporality.Cumulative, sum.AggregationTemporality);
            Assert.Equal(row.Instrument == "counter", sum.IsMonotonic);
        }
    }

    /// <summary>The actors' own meter is there with the official packages only.</summary>
    [Fact]
    public void Meters_OfTheRuntimeAndTheActors_AreSentToo()
    {
        var isOfficial = Type.GetType("Orleans.Runtime.OrleansInstruments, Orleans.Core") is not null;

        Assert.Contains("dotnet.gc.collections", one.Run.Receiver.MetricsOf("System.Runtime").Keys);
        Assert.Equal(isOfficial, one.Run.Receiver.MetricsOf("Microsoft.Orleans").Count > 0);
    }

    private static IEnumerable<IReadOnlyList<KeyValue>> AttributesOf(Metric metric) => metric.DataCase switch
    {
        Metric.DataOneofCase.Gauge => metric.Gauge.DataPoints.Select(point => point.Attributes),
        Metric.DataOneofCase.Sum => metric.Sum.DataPoints.Select(point => point.Attributes),
        _ => metric.Histogram.DataPoints.Select(point => point.Attributes),
    };

    private IReadOnlyList<HistogramDataPoint> Histogram(string name) => metrics[name].Histogram.DataPoints;

    private long Total(string name, params (string Key, string Value)[] having) => metrics[name].Sum.DataPoints
        .Where(point => having.All(wanted => point.Attributes.Text(wanted.Key) == wanted.Value))
        .Sum(point => point.AsInt);
}
