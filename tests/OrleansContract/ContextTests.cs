using System.Diagnostics;
using Contract.Context;

namespace OrleansContract;

public sealed class ContextTests(ClusterFixture fixture)
{
    private readonly IContextGrain grain = fixture.Grains.GetGrain<IContextGrain>(Signals.NewKey());

    [Fact]
    public async Task RequestContext_SetByTheCaller_ReachesTheGrain()
    {
        RequestContext.Set("run", "seven");
        Assert.Equal("seven", await grain.GetAsync("run"));
        RequestContext.Clear();
        Assert.Null(await grain.GetAsync("run"));
    }

    [Fact]
    public async Task RequestContext_SetByAGrain_ReachesTheNextButNotItsCaller()
    {
        var next = fixture.Grains.GetGrain<IContextGrain>(Signals.NewKey());
        Assert.Equal("v", await grain.PassOnAsync("passed", "v", next));
        Assert.Null(RequestContext.Get("passed"));
    }

    [Fact]
    public async Task RequestContext_OfOneCall_IsNotSeenByOthers()
    {
        var values = await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            RequestContext.Set("number", number);
            return (number, await grain.GetAsync("number"));
        }));
        Assert.All(values, pair => Assert.Equal(pair.number, pair.Item2));
        Assert.Null(await grain.GetAsync("number"));
    }

    [Fact]
    public async Task Activity_OfTheCaller_IsTheTraceOfTheWholeChain()
    {
        using var listener = Listen([]);
        using var activity = new Activity("test").Start();
        var next = fixture.Grains.GetGrain<IContextGrain>(Signals.NewKey());
        Assert.Equal(activity.TraceId.ToString(), await grain.TraceThroughAsync(next));
        Assert.Same(activity, Activity.Current);
    }

    [Fact]
    public async Task Activity_OfACall_HasAClientAndAServerSide()
    {
        var stopped = new List<Activity>();
        using (Listen(stopped))
        {
            using var activity = new Activity("test").Start();
            await grain.TraceAsync();
            SpinWait.SpinUntil(() => Ours().Count == 2, Signals.Patience);
            var client = Assert.Single(Ours(), one => one.Kind == ActivityKind.Client);
            var server = Assert.Single(Ours(), one => one.Kind == ActivityKind.Server);
            Assert.Equal(client.SpanId, server.ParentSpanId);
            Assert.Equal("IContextGrain/TraceAsync", client.OperationName);

            List<Activity> Ours()
            {
                lock (stopped)
                {
                    return stopped.Where(one => one.TraceId == activity.TraceId).ToList();
                }
            }
        }
    }

    /// <summary>Caller → call → the grain's own span → call → the next grain's, for two such chains at once.</summary>
    [Fact]
    public async Task Activity_OfAGrain_IsBetweenTheCallToItAndTheCallsItMakes()
    {
        var stopped = new List<Activity>();
        using (Listen(stopped))
        {
            using var activity = new Activity("test").Start();
            await Task.WhenAll(
                Grain().SpanAsync("one", Grain()),
                Grain().SpanAsync("two", Grain()));
            foreach (var name in new[] { "one", "two" })
            {
                Assert.Equal(
                    [$"{name}'", "Server", "Client", name, "Server", "Client", "test"],
                    ChainFrom(Ours().Single(one => one.OperationName == $"{name}'")));
            }

            IEnumerable<string> ChainFrom(Activity leaf)
            {
                var spans = Ours().Append(activity).ToDictionary(one => one.SpanId);
                for (var at = leaf; at is not null; at = spans.GetValueOrDefault(at.ParentSpanId))
                {
                    yield return at.Kind == ActivityKind.Internal ? at.OperationName : $"{at.Kind}";
                }
            }

            List<Activity> Ours()
            {
                lock (stopped)
                {
                    return [.. stopped.Where(one => one.TraceId == activity.TraceId)];
                }
            }
        }

        IContextGrain Grain() => fixture.Grains.GetGrain<IContextGrain>(Signals.NewKey());
    }

    [Fact]
    public async Task Activity_OfATimersTick_IsNotThatOfWhoeverSetTheTimer()
    {
        var log = Signals.NewKey();
        using (Listen([]))
        {
            using var activity = new Activity("test").Start();
            await fixture.Grains.GetGrain<IContextGrain>(Signals.NewKey()).TraceOfATickAsync(log);
            await Signals.WaitAsync(log);
        }

        Assert.Equal(["none"], Signals.Lines(log));
    }

    [Fact]
    public async Task Filter_OfTheSilo_SeesArgumentsAndMayChangeTheResult()
    {
        var key = "filtered" + Signals.NewKey();
        Assert.Equal(16, await fixture.Grains.GetGrain<IFilteredGrain>(key).AddOneAsync(7));
        Assert.Equal(["before AddOneAsync(7)", "after AddOneAsync on FilteredGrain"], Signals.Lines(key));
    }

    [Fact]
    public async Task Filter_OfTheGrain_MayRefuse()
    {
        var filtered = fixture.Grains.GetGrain<IFilteredGrain>(Signals.NewKey());
        await Assert.ThrowsAsync<UnauthorizedAccessException>(filtered.ForbiddenAsync);
        Assert.Equal(8, await filtered.AddOneAsync(7));
    }

    [Fact]
    public async Task Filter_ThatAsksForItsSilo_IsMadeWithIt()
    {
        await using var cluster = await ClusterFixture.DeployAsync(
            1, silo => silo.AddIncomingGrainCallFilter<SiloNamingFilter>());
        var key = Signals.NewKey();
        await cluster.Client.GetGrain<IFilteredGrain>(key).AddOneAsync(7);
        Assert.Equal([$"{cluster.Silos[0].SiloAddress}"], Signals.Lines(key));
    }

    [Fact]
    public async Task Filter_OfACallWithATokenAndOfAStream_SeesEveryArgument()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<object?[]>();
        await using var cluster = await ClusterFixture.DeployAsync(1, silo => silo.AddIncomingGrainCallFilter(call =>
        {
            // The runtime's own grains pass through filters, too.
            if (call.Grain is ICancelGrain or IStreamGrain)
            {
                var positions = Enumerable.Range(0, call.Request.GetArgumentCount());
                seen.Enqueue([.. positions.Select(call.Request.GetArgument)]);
            }

            return call.Invoke();
        }));
        using var cancellation = new CancellationTokenSource();
        await cluster.Client.GetGrain<ICancelGrain>(Signals.NewKey()).CanBeCancelledAsync(cancellation.Token);
        Assert.True(Assert.IsType<CancellationToken>(Assert.Single(Assert.Single(seen))).CanBeCanceled);
        await foreach (var number in cluster.Client.GetGrain<IStreamGrain>(Signals.NewKey()).CountAsync(1))
        {
            Assert.Equal(0, number);
        }

        Assert.True(seen.Count > 1);
    }

    [Fact]
    public async Task Filter_ThatSetsAnArgument_ChangesWhatTheGrainGets()
    {
        await using var cluster = await ClusterFixture.DeployAsync(1, silo => silo.AddIncomingGrainCallFilter(call =>
        {
            if (call.Grain is IFilteredGrain)
            {
                call.Request.SetArgument(0, 20);
            }

            return call.Invoke();
        }));
        Assert.Equal(21, await cluster.Client.GetGrain<IFilteredGrain>(Signals.NewKey()).AddOneAsync(7));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Filter_ThatDoesNotGoOn_HasToSetAResult(bool sets)
    {
        await using var cluster = await ClusterFixture.DeployAsync(1, silo => silo.AddIncomingGrainCallFilter(call =>
        {
            if (call.Grain is not IFilteredGrain)
            {
                return call.Invoke();
            }

            if (sets)
            {
                call.Result = 5;
            }

            return Task.CompletedTask;
        }));
        var answer = cluster.Client.GetGrain<IFilteredGrain>(Signals.NewKey()).AddOneAsync(7);

        if (sets)
        {
            Assert.Equal(5, await answer);
        }
        else
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => answer);
        }
    }

    [Fact]
    public async Task Filter_OfACallWithoutAResult_SeesNull()
    {
        var results = new System.Collections.Concurrent.ConcurrentQueue<object?>();
        await using var cluster = await ClusterFixture.DeployAsync(1, silo => silo.AddIncomingGrainCallFilter(
            async call =>
            {
                await call.Invoke();
                if (call.Grain is IEchoGrain)
                {
                    results.Enqueue(call.Result);
                }
            }));
        await cluster.Client.GetGrain<IEchoGrain>(Signals.NewKey()).TouchAsync();
        Assert.Null(Assert.Single(results));
    }

    private static ActivityListener Listen(List<Activity> stopped)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.Orleans.Application" or ContextGrain.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (stopped)
                {
                    stopped.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private sealed class SiloNamingFilter(ILocalSiloDetails silo) : IIncomingGrainCallFilter
    {
        public Task Invoke(IIncomingGrainCallContext context)
        {
            Signals.Log($"{context.TargetId.Key}", $"{silo.SiloAddress}");
            return context.Invoke();
        }
    }
}
