using System.Collections.ObjectModel;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>Several silos and one client, each with its own host, in this process.</summary>
public sealed class InProcessTestCluster(InProcessTestClusterOptions options) : IDisposable, IAsyncDisposable
{
    private static int lastPort = 20_000;

    private readonly List<InProcessSiloHandle> silos = [];
    private IHost? clientHost;
    private int instanceCount;

    public InProcessTestClusterOptions Options => options;

    public ReadOnlyCollection<InProcessSiloHandle> Silos
    {
        get
        {
            lock (silos)
            {
                return silos.ToList().AsReadOnly();
            }
        }
    }

    public IClusterClient Client => clientHost?.Services.GetRequiredService<IClusterClient>()!;

    public async Task DeployAsync()
    {
        if (Silos.Count > 0)
        {
            throw new InvalidOperationException("Cluster host already deployed.");
        }

        await StartSilosAsync(options.InitialSilosCount);
        if (options.InitializeClientOnDeploy)
        {
            await InitializeClientAsync();
        }
    }

    public async Task InitializeClientAsync()
    {
        var builder = NewBuilder("TestClusterClient");
        builder.UseOrleansClient(client => client
            .Configure<MembershipOptions>(membership => membership.Primary = options.ClusterId)
            .Configure<ClusterOptions>(SetIds));
        options.ClientHostConfigurationDelegates.ForEach(configure => configure(builder));
        clientHost = builder.Build();
        await clientHost.StartAsync();
    }

    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => Silos.Where(silo => silo.IsActive);

    public InProcessSiloHandle? GetSiloForAddress(SiloAddress siloAddress) =>
        GetActiveSilos().FirstOrDefault(silo => silo.SiloAddress.Equals(siloAddress));

    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) => silo is null
        ? Silos[0].ServiceProvider
        : (GetSiloForAddress(silo) ?? throw new ArgumentException($"No silo at {silo}.", nameof(silo))).ServiceProvider;

    public async Task<InProcessSiloHandle> StartAdditionalSiloAsync() => (await StartSilosAsync(1))[0];

    public async Task<List<InProcessSiloHandle>> StartSilosAsync(int silosToStart)
    {
        var started = await Task.WhenAll(
            Enumerable.Range(instanceCount, silosToStart).Select(instance => StartSiloAsync(instance, null)));
        instanceCount += silosToStart;
        lock (silos)
        {
            silos.AddRange(started);
        }

        return [.. started];
    }

    /// <summary>Ends the silo gracefully: its grains are deactivated.</summary>
    public Task StopSiloAsync(InProcessSiloHandle instance) => RemoveAsync(instance, gracefully: true);

    /// <summary>Ends the silo as if its process had died: its activations are lost.</summary>
    public Task KillSiloAsync(InProcessSiloHandle instance) => RemoveAsync(instance, gracefully: false);

    /// <summary>Ends the silo gracefully and starts another of its name.</summary>
    public async Task<InProcessSiloHandle?> RestartSiloAsync(InProcessSiloHandle instance)
    {
        if (instance is null)
        {
            return null;
        }

        await StopSiloAsync(instance);
        var replacement = await StartSiloAsync(instance.InstanceNumber, instance.Name);
        lock (silos)
        {
            silos.Add(replacement);
        }

        return replacement;
    }

    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync();
        foreach (var silo in Silos.Reverse())
        {
            await StopSiloAsync(silo);
        }
    }

    public async Task StopClusterClientAsync()
    {
        if (Interlocked.Exchange(ref clientHost, null) is { } host)
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAllSilosAsync();
        GC.SuppressFinalize(this);
    }

    public void Dispose() => Task.Run(async () => await DisposeAsync()).GetAwaiter().GetResult();

    private static HostApplicationBuilder NewBuilder(string name)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            ApplicationName = name,
            EnvironmentName = Environments.Development,
            DisableDefaults = true,
        });
        builder.Services.AddSingleton<IHostLifetime, TestLifetime>();
        return builder;
    }

    private async Task<InProcessSiloHandle> StartSiloAsync(int instance, string? name)
    {
        var silo = new InProcessTestSiloSpecificOptions
        {
            SiloName = name ?? string.Create(CultureInfo.InvariantCulture, $"Silo_{instance}"),
            SiloPort = Interlocked.Increment(ref lastPort),
            GatewayPort = Interlocked.Increment(ref lastPort),
        };
        var builder = NewBuilder(silo.SiloName);
        options.SiloHostConfigurationDelegates.ForEach(configure => configure(silo, builder));
        builder.UseOrleans(orleans => orleans
            .Configure<MembershipOptions>(membership => membership.Primary = options.ClusterId)
            .Configure<ClusterOptions>(SetIds)
            .Configure<SiloOptions>(named => named.SiloName = silo.SiloName)
            .Configure<EndpointOptions>(endpoint =>
                (endpoint.SiloPort, endpoint.GatewayPort) = (silo.SiloPort, silo.GatewayPort)));
        var host = builder.Build();
        await Task.Run(() => host.StartAsync());
        var details = host.Services.GetRequiredService<ILocalSiloDetails>();
        return new()
        {
            Name = silo.SiloName,
            InstanceNumber = (short)instance,
            SiloHost = host,
            SiloAddress = details.SiloAddress,
            GatewayAddress = details.GatewayAddress,
        };
    }

    private async Task RemoveAsync(InProcessSiloHandle instance, bool gracefully)
    {
        lock (silos)
        {
            silos.Remove(instance);
        }

        await instance.StopSiloAsync(gracefully);
    }

    private void SetIds(ClusterOptions ids) => (ids.ClusterId, ids.ServiceId) = (options.ClusterId, options.ServiceId);

    /// <summary>Signals end the test process; the console's lifetime would only ask each host to stop.</summary>
    private sealed class TestLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
