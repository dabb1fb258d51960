using System.Diagnostics;
using CoMiGS.Telemetry.Tests.Otlp;

namespace CoMiGS.Telemetry.Tests;

/// <summary>What arrives of a run's rounds as traces, decoded by the published definitions.</summary>
public sealed class TraceTests(OneSiloRun one) : IClassFixture<OneSiloRun>
{
    private static readonly string[] Phases = ["queue", "load", "train", "router", "save", "upload"];

    [Theory, InlineData(1), InlineData(3)]
    public async Task Trace_OfARound_IsOneTreeWithEveryUserAndPhase(int silos)
    {
        await using var run = await ExportedRun.OfAsync(silos);
        var traces = TracesOf(run);

        Assert.Equal(ExportedRun.Rounds, traces.Count);
        foreach (var trace in traces)
        {
            var root = Assert.Single(trace, span => span.ParentSpanId.IsEmpty);
            Assert.Equal("round", root.Name);
            Assert.Equal("committed", root.Attributes.Text("comigs.outcome"));
            var byId = trace.ToDictionary(span => span.SpanId);
            Assert.All(trace, span => Assert.True(span == root || byId.ContainsKey(span.ParentSpanId), span.Name));
            var users = trace.Where(span => span.Name == "user").ToArray();
            Assert.Equal(
                ["u0", "u1", "u2", "u3"], users.Select(user => user.Attributes.Text("comigs.user")).Order());
            Assert.All(users, user => Assert.Equal(
                Phases.Order(), PartsOf(trace, user).Select(part => part.Name).Distinct().Order()));
            Assert.All(["aggregate", "measure", "commit"], step => Assert.Equal(
                root.SpanId, Assert.Single(trace, span => span.Name == step).ParentSpanId));
        }

        Assert.Empty(run.Receiver.Refused);
    }

    /// <summary>The aggregator asks every silo for its sum, which is linked to the uploads in it.</summary>
    [Theory, InlineData(1), InlineData(3)]
    public async Task Sum_OfEverySilo_IsPartOfTheAggregateAndLinkedToItsUsers(int silos)
    {
        await using var run = await ExportedRun.OfAsync(silos);

        foreach (var trace in TracesOf(run))
        {
            var byId = trace.ToDictionary(span => span.SpanId);
            var sums = trace.Where(span => span.Name == "sum").ToArray();
            var homes = trace.Where(span => span.Name == "user")
                .Select(user => user.Attributes.Text("comigs.silo")).Distinct().Count();
            Assert.Equal(silos, homes);
            Assert.Equal(homes, sums.Length);
            Assert.All(sums, sum => Assert.Contains("aggregate", AncestorsOf(byId, sum)));
            Assert.Equal(
                ["u0", "u1", "u2", "u3"],
                sums.SelectMany(sum => sum.Links).Select(link => UserAbove(byId, byId[link.SpanId])).Order());
        }
    }

    [Fact]
    public void Phases_OfAUser_AddUpToTheUser()
    {
        Assert.All(TracesOf(one.Run), trace => Assert.All(trace.Where(span => span.Name == "user"), user =>
        {
            var sum = PartsOf(trace, user).Sum(part => part.Seconds());
            Assert.InRange(sum / user.Seconds(), 0.999, 1.001);
        }));
    }

    /// <summary>In the first round users are activated, which is part of the calls to them and not of the users. A
    /// machine that does other things may stop in between, so one run of three is enough.</summary>
    [Fact]
    public async Task Round_IsCoveredByItsUsersAndSteps_TheFirstOneByItsCallsAndSteps()
    {
        double[] shares = [.. TracesOf(one.Run).Select(CoveredShare)];
        for (var again = 0; again < 2 && shares.Min() < 0.95; again++)
        {
            await using var run = await ExportedRun.OfAsync(silos: 1);
            shares = [.. TracesOf(run).Select(CoveredShare)];
        }

        Assert.All(shares, share => Assert.InRange(share, 0.95, 1.0001));
    }

    [Fact]
    public async Task Round_OfARunThatAClientStartedInATraceOfItsOwn_IsNotPartOfThat()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "client",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var client = new ActivitySource("client");
        Activity? whole = null;
        await using var run = await ExportedRun.OfAsync(silos: 1, () => whole = client.StartActivity("click"));
        whole!.Stop();

        Assert.All(
            run.Receiver.Spans.Where(span => span.Name is "round" or "user"),
            span => Assert.NotEqual(whole.TraceId.ToHexString(), span.TraceId.Id()));
        Assert.All(
            run.Receiver.Spans.Where(span => span.Name == "round"), span => Assert.True(span.ParentSpanId.IsEmpty));
    }

    [Fact]
    public void Log_OfACommittedRound_CarriesItsTrace()
    {
        var receiver = one.Run.Receiver;
        var rounds = receiver.Spans.Where(span => span.Name == "round").OrderBy(span => span.StartTimeUnixNano);
        var lines = receiver.Logs.Where(log => log.Body.StringValue.Contains("tokens/s", StringComparison.Ordinal));
        Assert.Equal(
            rounds.Select(round => (round.TraceId.Id(), round.SpanId.Id())),
            lines.Select(line => (line.TraceId.Id(), line.SpanId.Id())));
        Assert.All(receiver.Resources, resource =>
        {
            Assert.Equal("comigs", resource.Attributes.Text("service.name"));
            Assert.NotEmpty(resource.Attributes.Text("service.instance.id")!);
        });
    }

    private static IReadOnlyList<Span[]> TracesOf(ExportedRun run) =>
        [.. run.Receiver.Spans.GroupBy(span => span.TraceId).Select(group => group.ToArray())];

    private static IEnumerable<Span> PartsOf(Span[] trace, Span user) =>
        trace.Where(span => span.ParentSpanId == user.SpanId && span.Kind == Span.Types.SpanKind.Internal);

    private static IEnumerable<string> AncestorsOf(
        Dictionary<Google.Protobuf.ByteString, Span> byId, Span span)
    {
        while (byId.TryGetValue(span.ParentSpanId, out var parent))
        {
            yield return parent.Name;
            span = parent;
        }
    }

    private static string? UserAbove(Dictionary<Google.Protobuf.ByteString, Span> byId, Span span)
    {
        while (span.Name != "user")
        {
            span = byId[span.ParentSpanId];
        }

        return span.Attributes.Text("comigs.user");
    }

    private static double CoveredShare(Span[] trace)
    {
        var round = trace.Single(span => span.Name == "round");
        var steps = trace.Where(span =>
            span.ParentSpanId == round.SpanId && span.Kind == Span.Types.SpanKind.Internal);
        var users = trace.Where(span => round.Attributes.Number("comigs.round") == 0
            ? span.ParentSpanId == round.SpanId
            : span.Name == "user");
        return Covered([.. steps, .. users]) / round.Seconds();
    }

    /// <summary>Seconds in which at least one of the spans was under way.</summary>
    private static double Covered(Span[] spans)
    {
        var (covered, until) = (0.0, 0UL);
        foreach (var span in spans.OrderBy(span => span.StartTimeUnixNano))
        {
            var from = Math.Max(span.StartTimeUnixNano, until);
            until = Math.Max(until, span.EndTimeUnixNano);
            covered += (until - Math.Min(from, until)) / 1e9;
        }

        return covered;
    }
}
