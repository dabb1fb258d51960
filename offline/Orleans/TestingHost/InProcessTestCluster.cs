using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>Describes a cluster of silos in this process.</summary>
public sealed class InProcessTestClusterBuilder(short initialSilosCount = 2)
{
    private readonly List<Action<InProcessTestSiloSpecificOptions, ISiloBuilder>> silos = [];
    private readonly List<Action<IClientBuilder>> clients = [];

    public InProcessTestClusterBuilder ConfigureSilo(
        Action<InProcessTestSiloSpecificOptions, ISiloBuilder> configureSiloDelegate)
    {
        silos.Add(configureSiloDelegate);
        return this;
    }

    public InProcessTestClusterBuilder ConfigureClient(Action<IClientBuilder> configureClientDelegate)
    {
        clients.Add(configureClientDelegate);
        return this;
    }

    public InProcessTestCluster Build() => new(
        initialSilosCount,
        (options, silo) => silos.ForEach(configure => configure(options, silo)),
        client => clients.ForEach(configure => configure(client)));
}

public sealed class InProcessTestSiloSpecificOptions
{
    public string SiloName { get; set; } = "";
}

/// <summary>Several silos, each with its own host, and one client, in this process.</summary>
public sealed class InProcessTestCluster : IAsyncDisposable
{
    private static int lastPort = 20_000;

    private readonly string id = "testcluster-" + Guid.NewGuid().ToString("N");
    private readonly int initialSilosCount;
    private readonly Action<InProcessTestSiloSpecificOptions, ISiloBuilder> configureSilo;
    private readonly Action<IClientBuilder> configureClient;
    private readonly List<InProcessSiloHandle> silos = [];
    private Messenger? client;

    internal InProcessTestCluster(
        int initialSilosCount,
        Action<InProcessTestSiloSpecificOptions, ISiloBuilder> configureSilo,
        Action<IClientBuilder> configureClient) =>
        (this.initialSilosCount, this.configureSilo, this.configureClient) =
            (initialSilosCount, configureSilo, configureClient);

    public IReadOnlyList<InProcessSiloHandle> Silos
    {
        get
        {
            lock (silos)
            {
                return [.. silos];
            }
        }
    }

    public IClusterClient Client => client!;

    public async Task DeployAsync()
    {
        for (var silo = 0; silo < initialSilosCount; silo++)
        {
            await StartAdditionalSiloAsync();
        }

        var parts = new HostBuilderParts(new ServiceCollection().AddOptions(), new ConfigurationManager());
        configureClient(parts);
        await using var services = parts.Services.BuildServiceProvider();
        client = new(
            Cluster.Named(id), services.GetRequiredService<IOptions<Membership>>().Value.Traces, silo: null);
        client.Cluster.Attach(client);
    }

    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => Silos.Where(silo => silo.IsActive);

    public Task<InProcessSiloHandle> StartAdditionalSiloAsync() => StartSiloAsync(null);

    /// <summary>Ends the silo gracefully: its grains are deactivated.</summary>
    public Task StopSiloAsync(InProcessSiloHandle instance) => RemoveAsync(instance, gracefully: true);

    /// <summary>Ends the silo as if its process had died: its activations are lost.</summary>
    public Task KillSiloAsync(InProcessSiloHandle instance) => RemoveAsync(instance, gracefully: false);

    /// <summary>Ends the silo gracefully and starts another of its name.</summary>
    public async Task<InProcessSiloHandle> RestartSiloAsync(InProcessSiloHandle instance)
    {
        await StopSiloAsync(instance);
        return await StartSiloAsync(instance.Name);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref client, null) is { } last)
        {
            last.Close();
            last.Cluster.Detach(last);
        }

        foreach (var silo in Silos.Reverse())
        {
            await StopSiloAsync(silo);
        }
    }

    private async Task<InProcessSiloHandle> StartSiloAsync(string? name)
    {
        var port = Interlocked.Increment(ref lastPort);
        name ??= string.Create(CultureInfo.InvariantCulture, $"Silo_{port}");
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = name });
        builder.Services.AddSingleton<IHostLifetime, TestLifetime>();
        builder.UseOrleans(silo =>
        {
            configureSilo(new() { SiloName = name }, silo);
            silo.Configure<Membership>(membership =>
                (membership.Cluster, membership.SiloName, membership.SiloPort) = (id, name, port));
        });
        var host = builder.Build();
        await Task.Run(() => host.StartAsync());
        var handle = new InProcessSiloHandle(host);
        lock (silos)
        {
            silos.Add(handle);
        }

        return handle;
    }

    private async Task RemoveAsync(InProcessSiloHandle instance, bool gracefully)
    {
        lock (silos)
        {
            silos.Remove(instance);
        }

        await instance.StopSiloAsync(gracefully);
    }

    /// <summary>Signals end the test process; the console's lifetime would only ask each host to stop.</summary>
    private sealed class TestLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>One silo of a test cluster.</summary>
public sealed class InProcessSiloHandle
{
    private readonly IHost host;
    private readonly ILocalSiloDetails details;

    internal InProcessSiloHandle(IHost host) =>
        (this.host, details) = (host, host.Services.GetRequiredService<ILocalSiloDetails>());

    public string Name => details.Name;

    public SiloAddress SiloAddress => details.SiloAddress;

    public bool IsActive { get; private set; } = true;

    /// <summary>Stops the silo: gracefully, or as if its process had died.</summary>
    public async Task StopSiloAsync(bool stopGracefully)
    {
        if (IsActive)
        {
            IsActive = false;
            await Task.Run(() => host.StopAsync(new CancellationToken(!stopGracefully)));
        }
    }
}
