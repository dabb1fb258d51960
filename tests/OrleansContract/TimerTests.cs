using Orleans.TestingHost;

namespace OrleansContract;

public sealed class TimerTests(ClusterFixture fixture)
{
    private readonly ITimerGrain grain = fixture.Grains.GetGrain<ITimerGrain>(Signals.NewKey());
    private readonly string gate = Signals.NewKey();

    [Theory, InlineData(true), InlineData(false)]
    public async Task Timer_WithAPeriod_TicksAgainAndAgain(bool interleave)
    {
        await grain.StartAsync(TimeSpan.FromMilliseconds(5), interleave, keepAlive: false);
        await Signals.WaitAsync(grain.GetPrimaryKeyString() + "/three");
        await grain.StopAsync();
    }

    [Fact]
    public async Task Timer_Disposed_TicksNoMore()
    {
        await grain.StartAsync(TimeSpan.FromMilliseconds(1), interleave: false, keepAlive: false);
        await Signals.WaitAsync(grain.GetPrimaryKeyString() + "/three");
        await grain.StopAsync();
        var stopped = await grain.TickCountAsync();
        await Task.Delay(50);
        Assert.Equal(stopped, await grain.TickCountAsync());
    }

    [Fact]
    public async Task Timer_InfinitePeriod_TicksOnceUntilChanged()
    {
        await grain.StartAsync(Timeout.InfiniteTimeSpan, interleave: true, keepAlive: false);
        await WaitForTicksAsync(1);
        await Task.Delay(30);
        Assert.Equal(1, await grain.TickCountAsync());
        await grain.ChangeAsync(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await WaitForTicksAsync(2);
    }

    [Fact]
    public async Task Timer_TickThrows_TicksAgain()
    {
        await grain.StartThrowingAsync();
        await Signals.WaitAsync(grain.GetPrimaryKeyString() + "/three");
        await grain.StopAsync();
    }

    [Fact]
    public async Task Timer_InterleavingTickInProgress_CallsAreAnswered()
    {
        await grain.StartBlockingAsync(gate, interleave: true);
        await Signals.WaitAsync(gate + "/entered");
        Assert.Equal(42, await grain.AnswerAsync());
        Signals.Open(gate);
    }

    [Fact]
    public async Task Timer_PlainTickInProgress_CallsWait()
    {
        await grain.StartBlockingAsync(gate, interleave: false);
        await Signals.WaitAsync(gate + "/entered");
        var answer = grain.AnswerAsync();
        await Task.Delay(30);
        Assert.False(answer.IsCompleted);
        Signals.Open(gate);
        Assert.Equal(42, await answer);
    }

    [Fact]
    public async Task Timer_DisposedDuringATick_CancelsItsToken()
    {
        await grain.StartBlockingAsync(gate, interleave: true);
        await Signals.WaitAsync(gate + "/entered");
        await grain.StopAsync();
        while (Signals.Lines(gate).Length == 0)
        {
            await Task.Yield();
        }

        Assert.Equal(["cancelled"], Signals.Lines(gate));
    }

    [Fact]
    public async Task Timer_OfADeactivatedGrain_TicksNoMore()
    {
        await grain.StartAsync(TimeSpan.FromMilliseconds(1), interleave: false, keepAlive: false);
        await Signals.WaitAsync(grain.GetPrimaryKeyString() + "/three");
        await grain.DeactivateAsync();
        Assert.Equal(0, await grain.TickCountAsync());
        await Task.Delay(30);
        Assert.Equal(0, await grain.TickCountAsync());
    }

    /// <summary>
    /// A machine that stalls for as long as an activation may be idle stops ticks, too, so one activation that outlives
    /// its idle neighbour is enough; without the guarantee none does.
    /// </summary>
    [Fact]
    public async Task Timer_KeepAlive_KeepsItsGrainFromIdleDeactivation()
    {
        await using var cluster = await ClusterFixture.DeployAsync(1, ClusterFixture.CollectQuickly);
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            var ticking = await OutliveIdleGrainAsync(cluster, keepAlive: true);
            // A new activation would have counted none.
            if (await cluster.Client.GetGrain<ITimerGrain>(ticking).TickCountAsync() > 0)
            {
                return;
            }
        }

        Assert.Fail("None of five grains was kept by its timer.");
    }

    [Fact]
    public async Task Timer_NotKeepAlive_LetsItsGrainBeDeactivated()
    {
        await using var cluster = await ClusterFixture.DeployAsync(1, ClusterFixture.CollectQuickly);
        await Signals.WaitAsync(await OutliveIdleGrainAsync(cluster, keepAlive: false) + "/deactivated");
    }

    private static async Task<string> OutliveIdleGrainAsync(InProcessTestCluster cluster, bool keepAlive)
    {
        var (ticking, idle) = (Signals.NewKey(), Signals.NewKey());
        await cluster.Client.GetGrain<ITimerGrain>(ticking).StartAsync(TimeSpan.FromMilliseconds(50), true, keepAlive);
        await cluster.Client.GetGrain<ITimerGrain>(idle).AnswerAsync();
        await Signals.WaitAsync(idle + "/deactivated");
        return ticking;
    }

    private async Task WaitForTicksAsync(int count)
    {
        while (await grain.TickCountAsync() < count)
        {
            await Task.Yield();
        }
    }
}
