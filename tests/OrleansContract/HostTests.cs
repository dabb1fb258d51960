using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansContract;

public sealed class HostTests
{
    [Fact]
    public async Task UseOrleans_OneHost_ServesItsOwnGrainFactory()
    {
        using var host = NewSilo(21_111, 21_211);
        await host.StartAsync();
        var grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IEchoGrain>("a");
        Assert.Equal(3, await grain.AddAsync(1, 2));
        Assert.Equal(21_111, host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.Endpoint.Port);
        await host.StopAsync();
    }

    [Fact]
    public async Task UseLocalhostClustering_ThreeHostsOnePrimary_FormOneCluster()
    {
        var primary = new IPEndPoint(IPAddress.Loopback, 21_121);
        using var first = NewSilo(21_121, 21_221, primary);
        using var second = NewSilo(21_122, 21_222, primary);
        using var third = NewSilo(21_123, 21_223, primary);
        IHost[] hosts = [first, second, third];
        foreach (var host in hosts)
        {
            await host.StartAsync();
        }

        var key = Signals.NewKey();
        var activations = await Task.WhenAll(hosts.Select(host =>
            host.Services.GetRequiredService<IGrainFactory>().GetGrain<IEchoGrain>(key).ActivationAsync()));
        Assert.Single(activations.Distinct());
        var silos = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ =>
            first.Services.GetRequiredService<IGrainFactory>().GetGrain<IRandomGrain>(Signals.NewKey()).SiloAsync()));
        Assert.Equal(3, silos.Distinct().Count());
        foreach (var host in hosts.Reverse())
        {
            await host.StopAsync();
        }
    }

    [Fact]
    public async Task UseLocalhostClustering_TwoPrimaries_AreTwoClusters()
    {
        using var one = NewSilo(21_131, 21_231);
        using var other = NewSilo(21_132, 21_232);
        await one.StartAsync();
        await other.StartAsync();
        var activations = await Task.WhenAll(new[] { one, other }.Select(host =>
            host.Services.GetRequiredService<IGrainFactory>().GetGrain<IEchoGrain>("same").ActivationAsync()));
        Assert.NotEqual(activations[0], activations[1]);
        await other.StopAsync();
        await one.StopAsync();
    }

    [Fact]
    public async Task UseOrleans_WithoutClustering_DoesNotStart()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(_ => { });
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var host = builder.Build();
            await host.StartAsync();
        });
    }

    [Fact]
    public async Task Stop_WithGrainsActive_DeactivatesThem()
    {
        using var host = NewSilo(21_161, 21_261);
        await host.StartAsync();
        var key = Signals.NewKey();
        await host.Services.GetRequiredService<IGrainFactory>().GetGrain<ILifeGrain>(key).ActivationAsync();
        await host.StopAsync();
        Assert.Equal(["activate", "deactivate ShuttingDown"], Signals.Lines(key));
    }

    [Fact]
    public async Task Stop_ACallInProgress_LetsItEnd()
    {
        using var host = NewSilo(21_171, 21_271);
        await host.StartAsync();
        var gate = Signals.NewKey();
        var call = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ITurnGrain>("a").BlockAsync(gate);
        await Signals.WaitAsync(gate + "/entered");
        var stopping = host.StopAsync();
        Signals.Open(gate);
        await stopping;
        Assert.Equal(["enter", "leave"], Signals.Lines(gate));
        await Task.WhenAny(call, Task.Delay(Signals.Patience));
        Assert.True(call.IsCompleted);
    }

    [Fact]
    public async Task Stop_ACallThatNeverEnds_EndsWithTheHostsPatience()
    {
        using var host = NewSilo(21_181, 21_281);
        await host.StartAsync();
        var gate = Signals.NewKey();
        var call = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ITurnGrain>("a").BlockAsync(gate);
        await Signals.WaitAsync(gate + "/entered");
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Task.WhenAny(host.StopAsync(patience.Token)).WaitAsync(Signals.Patience);
        await Assert.ThrowsAnyAsync<Exception>(() => call.WaitAsync(Signals.Patience));
        Signals.Open(gate);
    }

    private static IHost NewSilo(int siloPort, int gatewayPort, IPEndPoint? primary = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort, primary);
            silo.AddMemoryGrainStorageAsDefault();
            silo.AddMemoryGrainStorage("memory").AddMemoryGrainStorage("shared");
        });
        return builder.Build();
    }
}
