namespace OrleansContract;

public sealed class CallTests(ClusterFixture fixture)
{
    private readonly IEchoGrain grain = fixture.Grains.GetGrain<IEchoGrain>(Signals.NewKey());

    [Fact]
    public async Task Call_FirstOfAKey_ActivatesAGrainWithThatKey()
    {
        Assert.Equal(grain.GetPrimaryKeyString(), await grain.KeyAsync());
    }

    [Fact]
    public async Task Call_Arguments_ReachTheGrainInOrder()
    {
        Assert.Equal(5, await grain.AddAsync(7, -2));
        Assert.Equal("ab", await grain.ConcatAsync("a", "b"));
        Assert.Equal("b", await grain.ConcatAsync(null, "b"));
    }

    [Fact]
    public async Task Call_ValueTaskWithoutResult_Runs()
    {
        await grain.TouchAsync();
        await grain.TouchAsync();
        Assert.Equal(2, await grain.TouchCountAsync());
    }

    [Fact]
    public async Task Call_TwoReferencesOneKey_ReachOneActivation()
    {
        var other = fixture.Grains.GetGrain<IEchoGrain>(grain.GetPrimaryKeyString());
        Assert.Equal(await grain.ActivationAsync(), await other.ActivationAsync());
    }

    [Fact]
    public async Task Call_ManyAtOnceToANewKey_MakeOneActivation()
    {
        var activations = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => grain.ActivationAsync()));
        Assert.Single(activations.Distinct());
    }

    [Fact]
    public async Task Call_GrainThrows_CallerGetsTypeAndMessage()
    {
        var thrown = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => grain.ThrowAsync("too much"));
        Assert.Contains("too much", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_GrainThrowsAfterAwait_CallerSeesTheGrainsStack()
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.ThrowAfterAwaitAsync("late"));
        Assert.Contains(nameof(EchoGrain.ThrowAfterAwaitAsync), thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_GrainThrowsBeforeItsTask_CallerAwaitsTheException()
    {
        var task = grain.ThrowAtOnceAsync("now");
        await Assert.ThrowsAsync<NotSupportedException>(() => task);
    }

    [Fact]
    public async Task Call_AfterAnException_FindsTheSameActivation()
    {
        var before = await grain.ActivationAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => grain.ThrowAfterAwaitAsync("late"));
        Assert.Equal(before, await grain.ActivationAsync());
    }

    [Fact]
    public async Task AsReference_ReturnedToTheCaller_CallsTheGrain()
    {
        var self = await grain.SelfAsync();
        Assert.Equal(grain.GetPrimaryKeyString(), await self.KeyAsync());
        Assert.Equal(grain.GetGrainId(), self.GetGrainId());
    }

    [Fact]
    public async Task Reference_AsArgument_CanBeCalledByTheReceiver()
    {
        var other = fixture.Grains.GetGrain<IEchoGrain>(Signals.NewKey());
        Assert.Equal(other.GetPrimaryKeyString(), await grain.KeyOfAsync(other));
    }

    [Fact]
    public void Reference_SameGrain_IsEqual()
    {
        Assert.Equal(grain, fixture.Grains.GetGrain<IEchoGrain>(grain.GetPrimaryKeyString()));
        Assert.NotEqual(grain, fixture.Grains.GetGrain<IEchoGrain>(Signals.NewKey()));
    }

    [Fact]
    public async Task GrainId_OfAClassByConvention_IsTypeSlashKey()
    {
        Assert.Equal("echo/" + grain.GetPrimaryKeyString(), await grain.IdAsync());
        Assert.Equal(GrainId.Create("echo", grain.GetPrimaryKeyString()), grain.GetGrainId());
    }

    [Fact]
    public void GetGrain_NoClassImplementsTheInterface_Throws()
    {
        Assert.Throws<ArgumentException>(() => fixture.Grains.GetGrain<IUnknownGrain>("any"));
    }

    [Theory, InlineData(null), InlineData(""), InlineData(" ")]
    public void GetGrain_EmptyKey_Throws(string? key)
    {
        Assert.ThrowsAny<ArgumentException>(() => fixture.Grains.GetGrain<IEchoGrain>(key!));
    }
}
