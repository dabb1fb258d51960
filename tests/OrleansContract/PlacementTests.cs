namespace OrleansContract;

public sealed class PlacementTests(ClusterFixture fixture)
{
    private readonly string gate = Signals.NewKey();

    [Fact]
    public async Task Placement_Random_UsesEverySilo() => Assert.Equal(
        fixture.Cluster.Silos.Select(silo => silo.SiloAddress).Order(),
        (await SilosOfAsync<IRandomGrain>(100)).Order());

    [Fact]
    public async Task Placement_Hash_UsesEverySilo() => Assert.Equal(2, (await SilosOfAsync<IHashedGrain>(100)).Count);

    [Fact]
    public async Task Placement_ActivationCount_Works() => Assert.NotEmpty(await SilosOfAsync<IBalancedGrain>(20));

    [Fact]
    public async Task PreferLocal_CalledFromAGrain_IsOnItsSilo()
    {
        var placed = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
            fixture.Grains.GetGrain<IRandomGrain>(Signals.NewKey()).PartialAsync()));
        Assert.All(placed, pair => Assert.Equal(pair.Mine, pair.Partial));
        Assert.Equal(2, placed.Select(pair => pair.Partial).Distinct().Count());
    }

    [Fact]
    public void SiloAddress_AsKey_ReadsBack()
    {
        var address = fixture.Cluster.Silos[0].SiloAddress;
        Assert.Equal(address, SiloAddress.FromParsableString(address.ToParsableString()));
    }

    [Fact]
    public async Task StatelessWorker_MoreCallsThanWorkers_RunOnAtMostTheLimitPerSilo()
    {
        var worker = fixture.Grains.GetGrain<IWorkerGrain>("worker" + gate);
        var calls = Enumerable.Range(0, 20).Select(_ => worker.WorkAsync(gate)).ToList();
        while (Signals.Lines(gate).Length < 2)
        {
            await Task.Yield();
        }

        Signals.Open(gate);
        var workers = (await Task.WhenAll(calls)).Distinct().Count();
        Assert.InRange(workers, 2, 4);
    }

    private async Task<List<SiloAddress>> SilosOfAsync<TGrain>(int count)
        where TGrain : IPlacedGrain, IGrainWithStringKey
    {
        var silos = await Task.WhenAll(Enumerable.Range(0, count)
            .Select(_ => fixture.Grains.GetGrain<TGrain>(Signals.NewKey()).SiloAsync()));
        return silos.Distinct().ToList();
    }
}
