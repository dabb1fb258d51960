using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace OrleansContract;

public sealed class StateTests(ClusterFixture fixture)
{
    private readonly IStateGrain grain = fixture.Grains.GetGrain<ISharedStateGrain>(Signals.NewKey());

    [Fact]
    public async Task State_NeverWritten_IsNewAndHasNoRecord() =>
        Assert.Equal((0, false, null), await grain.LookAsync());

    [Theory, InlineData("shared"), InlineData("memory"), InlineData("default")]
    public async Task State_Written_IsThereBeforeOnActivateOfTheNextActivation(string store)
    {
        IStateGrain stored = store switch
        {
            "shared" => fixture.Grains.GetGrain<ISharedStateGrain>(Signals.NewKey()),
            "memory" => fixture.Grains.GetGrain<IMemoryStateGrain>(Signals.NewKey()),
            _ => fixture.Grains.GetGrain<IDefaultStateGrain>(Signals.NewKey()),
        };
        await stored.AddAsync(5);
        Assert.Equal(0, await stored.WriteAsync());
        await stored.DeactivateAsync();
        var (sum, exists, etag) = await stored.LookAsync();
        Assert.Equal((5, true), (sum, exists));
        Assert.NotNull(etag);
        Assert.Equal(5, await stored.WriteAsync());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task State_ChangedButNotWritten_IsLost(bool inMemory)
    {
        IStateGrain stored = inMemory
            ? fixture.Grains.GetGrain<IMemoryStateGrain>(Signals.NewKey())
            : grain;
        await stored.AddAsync(1);
        await stored.WriteAsync();
        await stored.AddAsync(10);
        Assert.Equal(11, (await stored.LookAsync()).Sum);
        await stored.DeactivateAsync();
        Assert.Equal(1, (await stored.LookAsync()).Sum);
    }

    [Fact]
    public async Task State_WrittenAgain_ChangesItsEtag()
    {
        await grain.WriteAsync();
        var first = (await grain.LookAsync()).Etag;
        await grain.WriteAsync();
        Assert.NotEqual(first, (await grain.LookAsync()).Etag);
    }

    [Fact]
    public async Task State_Reread_DropsChanges()
    {
        await grain.AddAsync(1);
        await grain.WriteAsync();
        await grain.AddAsync(10);
        Assert.Equal(1, await grain.ReadAsync());
    }

    [Fact]
    public async Task State_Cleared_IsNewAgain()
    {
        await grain.AddAsync(1);
        await grain.WriteAsync();
        await grain.ClearAsync();
        Assert.Equal((0, false), (await grain.LookAsync()) switch { var look => (look.Sum, look.Exists) });
        await grain.WriteAsync();
    }

    [Fact]
    public async Task State_StoreThrows_WrapsItAndKeepsTheActivation()
    {
        var unwritable = fixture.Grains.GetGrain<ISharedStateGrain>("unwritable" + Signals.NewKey());
        var before = await unwritable.ActivationAsync();
        var thrown = await Assert.ThrowsAnyAsync<OrleansException>(unwritable.WriteAsync);
        Assert.IsType<IOException>(thrown.InnerException);
        Assert.Equal(before, await unwritable.ActivationAsync());
    }

    [Fact]
    public async Task State_WrittenByAnotherInBetween_ThrowsInconsistentAndEndsTheActivation()
    {
        var key = Signals.NewKey();
        var records = new SharedStorage();
        var id = GrainId.Create("sharedstate", key);
        await using var cluster = ClusterFixture.NewCluster(1, silo =>
            silo.Services.AddGrainStorage("shared", (_, _) => records));
        await cluster.DeployAsync();
        var contested = cluster.Client.GetGrain<ISharedStateGrain>(key);
        var before = await contested.ActivationAsync();
        var other = new GrainState<Ledger>(new Ledger { Entries = [7] });
        await records.WriteStateAsync("ledger", id, other);

        await Assert.ThrowsAnyAsync<InconsistentStateException>(contested.WriteAsync);
        Assert.NotEqual(before, await contested.ActivationAsync());
        Assert.Equal(7, (await contested.LookAsync()).Sum);
    }

    [Fact]
    public async Task State_StoreNotRegistered_FailsTheCallNamingIt()
    {
        var homeless = fixture.Grains.GetGrain<IUnregisteredStateGrain>(Signals.NewKey());
        var thrown = await Assert.ThrowsAnyAsync<Exception>(homeless.LookAsync);
        Assert.Contains("nowhere", thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task State_TouchedOutsideATurn_IsRefused() => Assert.Equal("refused", await grain.TouchOffTurnAsync());

    [Fact]
    public async Task State_TwoOfOneGrain_AreSeparate()
    {
        var two = fixture.Grains.GetGrain<ITwoStatesGrain>(Signals.NewKey());
        await two.WriteAsync(1, 2);
        await two.DeactivateAsync();
        var (first, second, silo) = await two.LookAsync();
        Assert.Equal((1, 2), (first, second));
        Assert.Contains(silo, fixture.Cluster.Silos.Select(handle => handle.Name));
    }
}
