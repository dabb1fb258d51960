using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.TestingHost;

namespace OrleansContract;

/// <summary>Placement by the application itself, from what silos say of themselves.</summary>
public sealed class DirectorTests : IAsyncLifetime
{
    private InProcessTestCluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        var silos = 0;
        cluster = await ClusterFixture.DeployAsync(2, silo =>
        {
            var letter = (char)('a' + Interlocked.Increment(ref silos) - 1);
            silo.UseSiloMetadata(new Dictionary<string, string> { ["letter"] = $"{letter}" });
            silo.AddPlacementDirector<LetterPlacement, LetterPlacementDirector>();
        });
    }

    public async ValueTask DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task Director_ReadsTheSilosMetadata_PlacesEveryGrainWhereItSays()
    {
        var homes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Letter(i % 2 == 0 ? 'a' : 'b').SiloAsync()));
        Assert.Equal(2, homes.Distinct().Count());
        Assert.All(homes.Select((home, i) => (home, i)), placed => Assert.Equal(homes[placed.i % 2], placed.home));
    }

    [Fact]
    public async Task Director_Throws_FailsTheCall() =>
        await Assert.ThrowsAnyAsync<Exception>(() => Letter('z').SiloAsync());

    [Fact]
    public async Task Director_ManyFirstCallsAtOnce_MakeOneActivation()
    {
        var grain = Letter('a');
        Assert.Single((await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => grain.SiloAsync()))).Distinct());
    }

    [Fact]
    public async Task Membership_Snapshot_HoldsTheActiveSilos() => Assert.Equal(
        cluster.Silos.Select(silo => silo.SiloAddress).Order(), (await Letter('a').ActiveSilosAsync()).Order());

    [Fact]
    public async Task Deactivate_FromOutsideAnyTurn_EndsTheActivationAndTheNextCallMakesAnother()
    {
        var key = "a" + Signals.NewKey();
        var grain = cluster.Client.GetGrain<ILetterGrain>(key);
        var home = await grain.SiloAsync();
        await grain.LeaveAsync();
        await Signals.Opened(key);
        Assert.Equal(home, await grain.SiloAsync());
    }

    [Fact]
    public async Task Migrate_FromOutsideAnyTurn_MovesTheGrainToASiloThatJoined()
    {
        var grain = Letter('C');
        var first = await grain.SiloAsync();
        var joined = await cluster.StartAdditionalSiloAsync();
        Assert.Equal(first, await grain.SiloAsync());

        // Until the others have heard what the new silo says of itself, moving changes nothing.
        var home = first;
        while (!home.Equals(joined.SiloAddress))
        {
            await grain.MoveAsync();
            home = await grain.SiloAsync();
            Assert.Contains(home, new[] { first, joined.SiloAddress });
        }
    }

    private ILetterGrain Letter(char letter) => cluster.Client.GetGrain<ILetterGrain>(letter + Signals.NewKey());
}
