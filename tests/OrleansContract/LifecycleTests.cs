namespace OrleansContract;

public sealed class LifecycleTests(ClusterFixture fixture)
{
    private readonly ILifeGrain grain = fixture.Grains.GetGrain<ILifeGrain>(Signals.NewKey());

    private string[] Log => Signals.Lines(grain.GetPrimaryKeyString());

    [Fact]
    public async Task OnActivate_BeforeTheFirstCall_RunsOnce()
    {
        await grain.ActivationAsync();
        await grain.ActivationAsync();
        Assert.Equal(["activate"], Log);
    }

    [Fact]
    public void GetGrain_WithoutACall_ActivatesNothing() => Assert.Empty(Log);

    [Fact]
    public async Task DeactivateOnIdle_NextCall_FindsANewActivation()
    {
        var before = await grain.ActivationAsync();
        await grain.DeactivateAsync();
        Assert.NotEqual(before, await grain.ActivationAsync());
        Assert.Equal(["activate", "deactivate ApplicationRequested", "activate"], Log);
    }

    [Fact]
    public async Task DeactivateOnIdle_WhileACallRuns_WaitsForItAndSendsLaterCallsOn()
    {
        var gate = Signals.NewKey();
        var blocked = grain.DeactivateAndBlockAsync(gate);
        await Signals.WaitAsync(gate + "/entered");
        var later = grain.ActivationAsync();
        Assert.False(later.IsCompleted);
        Signals.Open(gate);
        await Task.WhenAll(blocked, later);
        Assert.Equal(["activate", "unblocked", "deactivate ApplicationRequested", "activate"], Log);
    }

    [Fact]
    public async Task OnActivate_Throws_FailsTheCallWithItsException()
    {
        var stillborn = fixture.Grains.GetGrain<ILifeGrain>("stillborn" + Signals.NewKey());
        var thrown = await Assert.ThrowsAsync<InvalidDataException>(stillborn.ActivationAsync);
        Assert.Contains("no life", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnActivate_Throws_OnDeactivateDoesNotRun()
    {
        var key = "stillborn" + Signals.NewKey();
        await Assert.ThrowsAsync<InvalidDataException>(fixture.Grains.GetGrain<ILifeGrain>(key).ActivationAsync);
        Assert.DoesNotContain(Signals.Lines(key), line => line.StartsWith("deactivate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CollectionAge_OfAnIdleGrain_EndsIt()
    {
        await using var cluster = await ClusterFixture.DeployAsync(1, ClusterFixture.CollectQuickly);
        var key = Signals.NewKey();
        var idle = cluster.Client.GetGrain<ILifeGrain>(key);
        await idle.ActivationAsync();
        await Signals.WaitAsync(key + "/deactivated");
        Assert.Equal(["activate", "deactivate ActivationIdle"], Signals.Lines(key));
    }
}
