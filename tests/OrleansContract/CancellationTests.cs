namespace OrleansContract;

public sealed class CancellationTests(ClusterFixture fixture)
{
    private readonly ICancelGrain grain = fixture.Grains.GetGrain<ICancelGrain>(Signals.NewKey());
    private readonly string gate = Signals.NewKey();

    [Fact]
    public async Task Cancel_WhileTheGrainWaits_CancelsItsTokenAndTheCall()
    {
        using var cancellation = new CancellationTokenSource();
        var call = grain.WaitAsync(gate, cancellation.Token);
        await Signals.WaitAsync(gate + "/entered");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Signals.WaitAsync(gate + "/cancelled");
    }

    [Fact]
    public async Task Cancel_ThroughTwoGrains_ReachesTheSecond()
    {
        using var cancellation = new CancellationTokenSource();
        var other = fixture.Grains.GetGrain<ICancelGrain>(Signals.NewKey());
        var call = grain.WaitThroughAsync(other, gate, cancellation.Token);
        await Signals.WaitAsync(gate + "/entered");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Signals.WaitAsync(gate + "/cancelled");
    }

    [Fact]
    public async Task Cancel_BeforeTheCall_FailsItAtOnce()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grain.WaitAsync(gate, cancelled));
    }

    [Fact]
    public async Task Cancel_OfACallThatWaitsItsTurn_LeavesTheGrainFreeForTheNext()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var running = grain.WaitAsync(gate, first.Token);
        await Signals.WaitAsync(gate + "/entered");
        var waiting = grain.WaitAsync(gate + "/second", second.Token);
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.False(await grain.CanBeCancelledAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Token_NotCancelled_ArrivesUncancelled()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.False(await grain.CanBeCancelledAsync(cancellation.Token));
    }

    [Fact]
    public async Task Grain_ThrowsOperationCanceled_CallerGetsIt()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(grain.ThrowCancelledAsync);
    }
}
