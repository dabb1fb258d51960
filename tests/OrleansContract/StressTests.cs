namespace OrleansContract;

public sealed class StressTests(ClusterFixture fixture)
{
    [Fact]
    public async Task TenThousandGrains_CalledTwice_KeepTheirActivations()
    {
        var run = Signals.NewKey();
        var grains = Enumerable.Range(0, 10_000)
            .Select(user => fixture.Grains.GetGrain<IEchoGrain>($"{run}/{user}")).ToList();
        var first = await Task.WhenAll(grains.Select(grain => grain.ActivationAsync()));
        var second = await Task.WhenAll(grains.Select(grain => grain.ActivationAsync()));
        Assert.Equal(first, second);
        Assert.Equal(grains.Count, first.Distinct().Count());
    }

    [Fact]
    public async Task FiftyThousandCalls_WaitingForOneActivation_AllEnd()
    {
        var grain = fixture.Grains.GetGrain<IEchoGrain>(Signals.NewKey());
        var calls = Enumerable.Range(0, 50_000).Select(number => grain.AddAsync(number, 1)).ToList();
        Assert.Equal(Enumerable.Range(1, 50_000), await Task.WhenAll(calls));
    }

    [Fact]
    public async Task TwoHundredCallers_OnTwentyGrains_LoseNothing()
    {
        var grains = Enumerable.Range(0, 20)
            .Select(_ => fixture.Grains.GetGrain<ITurnGrain>(Signals.NewKey())).ToList();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async caller =>
        {
            for (var call = 0; call < 50; call++)
            {
                await grains[(caller + call) % grains.Count].CountSlowlyAsync(1);
            }
        }));
        var counts = await Task.WhenAll(grains.Select(grain => grain.CountAsync()));
        Assert.Equal(200 * 50, counts.Sum());
    }

    /// <summary>A call whose activation has just ended is sent on, on upstream at most twice; then it is rejected, and
    /// may be made again.</summary>
    [Fact]
    public async Task ActivationsThatComeAndGo_UnderCalls_AnswerOrRejectEveryCall()
    {
        var grains = Enumerable.Range(0, 20)
            .Select(_ => fixture.Grains.GetGrain<ILifeGrain>(Signals.NewKey())).ToList();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async caller =>
        {
            for (var call = 0; call < 40; call++)
            {
                var grain = grains[(caller + call) % grains.Count];
                await AgainWhileRejectedAsync(
                    () => call % 4 == 0 ? grain.DeactivateAsync() : grain.ActivationAsync());
            }
        }));
        Assert.All(grains, grain => AssertAlternates(Signals.Lines(grain.GetPrimaryKeyString())));
    }

    [Fact]
    public async Task Kill_UnderAHundredCallers_EveryCallEndsAndTheClusterServesOn()
    {
        await using var cluster = await ClusterFixture.DeployAsync(3);
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 100).Select(caller => Task.Run(async () =>
        {
            var (done, failed) = (0, 0);
            for (; !stop.IsCancellationRequested; done++)
            {
                try
                {
                    await cluster.Client.GetGrain<IEchoGrain>($"{caller}/{done % 50}").AddAsync(1, 2);
                }
                catch (Exception lost) when (lost is OrleansException or TimeoutException)
                {
                    failed++;
                }
            }

            return (done, failed);
        })).ToList();
        await Task.Delay(200);
        await cluster.KillSiloAsync(cluster.Silos[2]);
        await Task.Delay(200);
        await cluster.StartAdditionalSiloAsync();
        await Task.Delay(100);
        await stop.CancelAsync();
        var outcomes = await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(outcomes.Sum(outcome => outcome.done) > outcomes.Sum(outcome => outcome.failed));
        Assert.Equal(3, await cluster.Client.GetGrain<IEchoGrain>("after").AddAsync(1, 2));
    }

    [Fact]
    public async Task CallersThatNeverPause_LeaveThePoolToOthers()
    {
        var isOver = false;
        var callers = Enumerable.Range(0, 100).Select(caller => Task.Run(async () =>
        {
            for (var call = 0; !Volatile.Read(ref isOver); call++)
            {
                await fixture.Grains.GetGrain<IEchoGrain>($"{caller}/{call % 50}").AddAsync(1, 2);
            }
        })).ToList();
        var others = Task.Run(async () =>
        {
            for (var pause = 0; pause < 50; pause++)
            {
                await Task.Delay(10);
            }
        });
        // On a thread of its own: what is tried here is whether pool threads, timers among them, are to be had.
        var came = await Task.Factory.StartNew(
            () =>
            {
                var hasEnded = others.Wait(Signals.Patience);
                Volatile.Write(ref isOver, true);
                return hasEnded;
            },
            TaskCreationOptions.LongRunning);
        await Task.WhenAll(callers);
        Assert.True(came, $"Others waited for a pool thread for more than {Signals.Patience}.");
    }

    private static async Task AgainWhileRejectedAsync(Func<Task> call)
    {
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (OrleansException)
            {
                await Task.Yield();
            }
        }
    }

    // No two activations of one grain at once: each begins after the one before has ended.
    private static void AssertAlternates(string[] lines)
    {
        for (var line = 0; line < lines.Length; line++)
        {
            Assert.StartsWith(line % 2 == 0 ? "activate" : "deactivate", lines[line], StringComparison.Ordinal);
        }
    }
}
