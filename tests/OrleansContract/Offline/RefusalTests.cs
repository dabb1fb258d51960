using Microsoft.Extensions.Hosting;

namespace OrleansContract.Offline;

public sealed class Unmarked
{
    public int Value { get; set; }
}

[GenerateSerializer]
public sealed class Unnumbered
{
    [Id(0)]
    public int First { get; set; }

    public int Second { get; set; }
}

[GenerateSerializer]
public sealed class HoldsUnmarked
{
    [Id(0)]
    public List<Unmarked> Inner { get; set; } = [];
}

public interface ISendsUnmarked : IGrainWithStringKey
{
    Task SendAsync(Unmarked message);
}

public interface ISendsUnnumbered : IGrainWithStringKey
{
    Task SendAsync(Unnumbered message);
}

public interface IReturnsHidden : IGrainWithStringKey
{
    Task<Dictionary<string, HoldsUnmarked>> ReceiveAsync();
}

public interface ISendsMutableInsideImmutable : IGrainWithStringKey
{
    Task SendAsync(System.Collections.Immutable.ImmutableArray<Parcel> parcels);
}

public interface ISendsUnmarkedBehindAnInterface : IGrainWithStringKey
{
    Task SendAsync(IReadOnlyList<Unmarked> messages);
}

public interface ISynchronous : IGrainWithStringKey
{
    int Answer();
}

public interface ISendsAnything : IGrainWithStringKey
{
    Task SendAsync(object anything);
}

public sealed class RefusedGrain
    : Grain, ISendsUnmarked, ISendsUnnumbered, IReturnsHidden, ISynchronous, ISendsAnything,
        ISendsMutableInsideImmutable, ISendsUnmarkedBehindAnInterface
{
    public Task SendAsync(System.Collections.Immutable.ImmutableArray<Parcel> parcels) => Task.CompletedTask;

    public Task SendAsync(IReadOnlyList<Unmarked> messages) => Task.CompletedTask;

    public Task SendAsync(Unmarked message) => Task.CompletedTask;

    public Task SendAsync(Unnumbered message) => Task.CompletedTask;

    public Task SendAsync(object anything) => Task.CompletedTask;

    public Task<Dictionary<string, HoldsUnmarked>> ReceiveAsync() =>
        Task.FromResult<Dictionary<string, HoldsUnmarked>>([]);

    public int Answer() => 42;
}

internal interface IInternalGrain : IGrainWithStringKey
{
    Task<int> CallAsync(Point point);
}

internal sealed class InternalGrain : Grain, IInternalGrain
{
    public Task<int> CallAsync(Point point) => Task.FromResult(point.X);
}

/// <summary>What upstream's code generator and analyzers refuse, this build refuses at first use.</summary>
public sealed class RefusalTests(ClusterFixture fixture)
{
    [Fact]
    public void Interface_MessageNotMarked_IsRefusedNamingTypeAndParameter() =>
        AssertRefused<ISendsUnmarked>(nameof(Unmarked), "'message'", "[GenerateSerializer]");

    [Fact]
    public void Interface_MemberWithoutId_IsRefusedNamingTheMember() =>
        AssertRefused<ISendsUnnumbered>(nameof(Unnumbered), "'Second'", "[Id]");

    [Fact]
    public void Interface_UnmarkedTypeDeepInside_IsRefusedNamingIt() =>
        AssertRefused<IReturnsHidden>(nameof(Unmarked), "'Inner'", nameof(HoldsUnmarked));

    [Fact]
    public void Interface_UnmarkedTypeBehindAnInterface_IsRefusedNamingIt() =>
        AssertRefused<ISendsUnmarkedBehindAnInterface>(nameof(Unmarked), "'messages'");

    [Fact]
    public void Interface_ImmutableCollectionOfMutableElements_IsRefused() =>
        AssertRefused<ISendsMutableInsideImmutable>("ImmutableArray", "'parcels'");

    [Fact]
    public void Interface_SynchronousMethod_IsRefused()
    {
        var refused = Assert.Throws<NotSupportedException>(() => fixture.Grains.GetGrain<ISynchronous>("a"));
        Assert.Contains(nameof(ISynchronous.Answer), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cluster_OfSeveralProcesses_IsRefusedSayingWhatToDo()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        var refused = Assert.Throws<NotSupportedException>(() => builder.UseOrleansClient(_ => { }));
        Assert.Contains("./comigs setup", refused.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => builder.UseOrleans(silo =>
            silo.ConfigureEndpoints(System.Net.IPAddress.Loopback, 1, 2)));
    }

    [Fact]
    public async Task Value_OfAnUnmarkedType_IsRefusedWhenSent()
    {
        var grain = fixture.Grains.GetGrain<ISendsAnything>("a");
        await grain.SendAsync(new Point(1, 2));
        var refused = await Assert.ThrowsAsync<OrleansConfigurationException>(
            () => grain.SendAsync(new Unmarked()));
        Assert.Contains(nameof(Unmarked), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Value_AGrainInsteadOfAReference_IsRefused()
    {
        var grain = fixture.Grains.GetGrain<ISendsAnything>("a");
        await Assert.ThrowsAsync<ArgumentException>(() => grain.SendAsync(new RefusedGrain()));
    }

    [Fact]
    public async Task Interface_Internal_IsServed() =>
        Assert.Equal(1, await fixture.Grains.GetGrain<IInternalGrain>("a").CallAsync(new Point(1, 2)));

    private void AssertRefused<TGrain>(params string[] words)
        where TGrain : IGrainWithStringKey
    {
        var refused = Assert.Throws<OrleansConfigurationException>(() => fixture.Grains.GetGrain<TGrain>("a"));
        Assert.All(words, word => Assert.Contains(word, refused.Message, StringComparison.Ordinal));
    }
}
