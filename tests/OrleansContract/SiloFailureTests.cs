using Orleans.TestingHost;

namespace OrleansContract;

public sealed class SiloFailureTests
{
    [Fact]
    public async Task Kill_GrainsOfTheSilo_ComeBackElsewhereWithTheirState()
    {
        await using var cluster = await ClusterFixture.DeployAsync(2);
        var grains = Enumerable.Range(0, 40)
            .Select(number => cluster.Client.GetGrain<ISharedStateGrain>($"{Signals.NewKey()}-{number}")).ToList();
        foreach (var grain in grains)
        {
            await grain.AddAsync(1);
            await grain.WriteAsync();
            await grain.AddAsync(10);
        }

        await cluster.KillSiloAsync(cluster.Silos[1]);
        var sums = await Task.WhenAll(grains.Select(grain => EventuallyAsync(grain.LookAsync)));
        Assert.Contains(sums, look => look.Sum == 1);
        Assert.All(sums, look => Assert.Contains(look.Sum, new[] { 1, 11 }));
        Assert.Single(cluster.GetActiveSilos());
    }

    [Fact]
    public async Task Kill_DuringCalls_EndsEachWithAResultOrAFailure()
    {
        await using var cluster = await ClusterFixture.DeployAsync(3);
        var gate = Signals.NewKey();
        var grains = Enumerable.Range(0, 60)
            .Select(_ => cluster.Client.GetGrain<ITurnGrain>(Signals.NewKey())).ToList();
        var calls = grains.Select(grain => grain.BlockAsync(gate)).ToList();
        while (Signals.Lines(gate).Length < grains.Count)
        {
            await Task.Yield();
        }

        await cluster.KillSiloAsync(cluster.Silos[2]);
        Signals.Open(gate);
        var outcomes = await Task.WhenAll(calls.Select(async call =>
        {
            try
            {
                await call.WaitAsync(TimeSpan.FromSeconds(60));
                return "done";
            }
            catch (Exception lost) when (lost is SiloUnavailableException or TimeoutException)
            {
                return "lost";
            }
        }));
        Assert.Contains("done", outcomes);
    }

    [Fact]
    public async Task Kill_TheOnlySiloDuringACall_FailsTheCall()
    {
        await using var cluster = await ClusterFixture.DeployAsync(1);
        var gate = Signals.NewKey();
        var call = cluster.Client.GetGrain<ITurnGrain>(Signals.NewKey()).BlockAsync(gate);
        await Signals.WaitAsync(gate + "/entered");
        await cluster.KillSiloAsync(cluster.Silos[0]);
        await Assert.ThrowsAnyAsync<Exception>(() => call.WaitAsync(TimeSpan.FromSeconds(60)));
        Signals.Open(gate);
    }

    [Fact]
    public async Task Kill_TheSiloThatMadeAReference_LeavesTheReferenceUsable()
    {
        await using var cluster = await ClusterFixture.DeployAsync(2);
        var references = new List<IEchoGrain>();
        for (var number = 0; number < 30; number++)
        {
            references.Add(await cluster.Client.GetGrain<IEchoGrain>(Signals.NewKey()).SelfAsync());
        }

        await cluster.KillSiloAsync(cluster.Silos[1]);
        foreach (var reference in references)
        {
            Assert.Equal(reference.GetPrimaryKeyString(), await EventuallyAsync(reference.KeyAsync));
        }
    }

    [Fact]
    public async Task Stop_Gracefully_RunsOnDeactivateAndMovesGrains()
    {
        await using var cluster = await ClusterFixture.DeployAsync(2);
        var keys = await SpreadAsync(cluster);
        var stopped = cluster.Silos[1].SiloAddress;
        await cluster.StopSiloAsync(cluster.Silos[1]);
        foreach (var (key, silo) in keys)
        {
            Assert.Equal(
                silo.Equals(stopped) ? ["activate", "deactivate ShuttingDown"] : ["activate"], Signals.Lines(key));
            var moved = await EventuallyAsync(cluster.Client.GetGrain<ILifeGrain>(key).SiloAsync);
            Assert.Equal(cluster.Silos[0].SiloAddress, moved);
        }
    }

    [Fact]
    public async Task StartAdditional_AfterAKill_TakesNewGrains()
    {
        await using var cluster = await ClusterFixture.DeployAsync(2);
        await cluster.KillSiloAsync(cluster.Silos[1]);
        var added = await cluster.StartAdditionalSiloAsync();
        Assert.Equal(2, cluster.Silos.Count);


        // The silos learn of the new one in their own time; from then on half of new grains are its.
        var started = TimeProvider.System.GetTimestamp();
        while (!added.SiloAddress.Equals(
            await EventuallyAsync(cluster.Client.GetGrain<IRandomGrain>(Signals.NewKey()).SiloAsync)))
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), "it never took a new grain");
        }
    }

    [Fact]
    public async Task Restart_ASilo_GivesItANewAddress()
    {
        await using var cluster = await ClusterFixture.DeployAsync(2);
        var old = cluster.Silos[1];
        var restarted = await cluster.RestartSiloAsync(old);
        Assert.NotNull(restarted);
        Assert.NotEqual(old.SiloAddress, restarted.SiloAddress);
        Assert.True(restarted.IsActive);
        Assert.False(old.IsActive);
    }

    [Fact]
    public async Task Restart_TheOnlySilo_ServesTheSameClientAndStore()
    {
        await using var cluster = await ClusterFixture.DeployAsync(1);
        var grain = cluster.Client.GetGrain<ISharedStateGrain>(Signals.NewKey());
        await grain.AddAsync(3);
        await grain.WriteAsync();
        await cluster.RestartSiloAsync(cluster.Silos[0]);
        Assert.Equal(3, (await EventuallyAsync(grain.LookAsync)).Sum);
    }

    // A cluster needs a while to notice a death; until then calls may fail.
    private static async Task<T> EventuallyAsync<T>(Func<Task<T>> call)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception exception) when (
                exception is OrleansException or TimeoutException
                && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(100);
            }
        }
    }

    private static async Task<List<(string Key, SiloAddress Silo)>> SpreadAsync(InProcessTestCluster cluster)
    {
        var spread = new List<(string, SiloAddress)>();
        for (var number = 0; number < 30; number++)
        {
            var key = Signals.NewKey();
            spread.Add((key, await cluster.Client.GetGrain<ILifeGrain>(key).SiloAsync()));
        }

        return spread;
    }
}
