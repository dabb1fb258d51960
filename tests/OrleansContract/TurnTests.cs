namespace OrleansContract;

public sealed class TurnTests(ClusterFixture fixture)
{
    private readonly ITurnGrain grain = fixture.Grains.GetGrain<ITurnGrain>(Signals.NewKey());
    private readonly string gate = Signals.NewKey();

    [Fact]
    public async Task Grain_TwoCalls_RunOneAfterTheOther()
    {
        var first = grain.BlockAsync(gate);
        var second = grain.BlockAsync(gate);
        await Signals.WaitAsync(gate + "/entered");
        Assert.False(first.IsCompleted || second.IsCompleted);
        Signals.Open(gate);
        await Task.WhenAll(first, second);
        Assert.Equal(["enter", "leave", "enter", "leave"], Signals.Lines(gate));
    }

    [Fact]
    public async Task Grain_TwoHundredCallers_LoseNoCount()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => grain.CountSlowlyAsync(10)));
        Assert.Equal(2000, await grain.CountAsync());
    }

    [Fact]
    public async Task AlwaysInterleave_WhileACallWaits_Answers()
    {
        var blocked = grain.BlockAsync(gate);
        await Signals.WaitAsync(gate + "/entered");
        Assert.Equal(0, await grain.PeekAsync());
        Assert.False(blocked.IsCompleted);
        Signals.Open(gate);
        await blocked;
    }

    [Fact]
    public async Task ReadOnly_TwoCalls_Interleave()
    {
        var first = grain.ReadAsync(gate);
        var second = grain.ReadAsync(gate);
        await Signals.WaitAsync(gate + "/entered");
        while (Signals.Lines(gate).Length < 2)
        {
            await Task.Yield();
        }

        Assert.Equal(["enter", "enter"], Signals.Lines(gate));
        Signals.Open(gate);
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task ReadOnly_WhileAWriterWaits_Waits()
    {
        var writer = grain.BlockAsync(gate);
        await Signals.WaitAsync(gate + "/entered");
        var reader = grain.ReadAsync(gate);
        await grain.PeekAsync();
        Assert.Equal(["enter"], Signals.Lines(gate));
        Signals.Open(gate);
        await Task.WhenAll(writer, reader);
        Assert.Equal(["enter", "leave", "enter", "leave"], Signals.Lines(gate));
    }

    [Fact]
    public async Task Reentrant_WhileACallWaits_Answers()
    {
        var reentrant = fixture.Grains.GetGrain<IReentrantGrain>(Signals.NewKey());
        var blocked = Task.WhenAll(reentrant.BlockAsync(gate), reentrant.BlockAsync(gate));
        Assert.InRange(await reentrant.CountAsync(), 0, 2);
        Signals.Open(gate);
        await blocked;
        Assert.Equal(2, await reentrant.CountAsync());
    }

    [Fact]
    public async Task Await_InAGrain_ReturnsToTheActivationsScheduler()
    {
        Assert.True(await grain.KeepsSchedulerAsync());
    }

    [Fact]
    public async Task AsyncLocal_SetByOneCall_IsNotSeenByTheNext()
    {
        var calls = Enumerable.Range(0, 5).Select(_ => grain.LeaveBehindAsync("left", gate)).ToList();
        Signals.Open(gate);
        Assert.All(await Task.WhenAll(calls), Assert.Null);
    }

    [Fact]
    public async Task Call_ToMyselfWhileBusy_TimesOut()
    {
        await Assert.ThrowsAsync<TimeoutException>(grain.CallMyselfAsync);
    }

    [Fact]
    public async Task ResponseTimeout_OnTheMethod_EndsTheCallInTime()
    {
        var started = TimeProvider.System.GetTimestamp();
        await Assert.ThrowsAsync<TimeoutException>(() => grain.BlockBrieflyAsync(gate));
        var waited = TimeProvider.System.GetElapsedTime(started);
        Signals.Open(gate);
        Assert.InRange(waited.TotalSeconds, 0.25, Signals.Patience.TotalSeconds);
    }

    [Fact]
    public async Task Timeout_OfACall_LeavesTheGrainWorking()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => grain.BlockBrieflyAsync(gate));
        Signals.Open(gate);
        Assert.Equal(1, await grain.CountAsync());
    }

    [Fact]
    public async Task OneWay_GrainThrows_CallerNeverKnows()
    {
        await grain.NotifyAsync(gate);
        await Signals.WaitAsync(gate);
    }
}
