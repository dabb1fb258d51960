using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Orleans.Runtime;

/// <summary>One member of a cluster: hosts activations, ends idle ones, and takes all along when it ends.</summary>
internal sealed class Silo : ILocalSiloDetails, IHostedService, IDisposable
{
    private static int generations;

    private readonly ConcurrentDictionary<Activation, bool> activations = new();
    private readonly ConcurrentDictionary<GrainId, WorkerPool> workers = new();
    private readonly Cluster cluster;
    private Timer? collector;

    public Silo(IServiceProvider services)
    {
        Services = services;
        Collection = Options<GrainCollectionOptions>();
        Log = services.GetRequiredService<ILogger<Silo>>();
        var membership = Options<Membership>();
        Traces = membership.Traces;
        var generation = Interlocked.Increment(ref generations);
        SiloAddress = SiloAddress.New(new(IPAddress.Loopback, membership.SiloPort), generation);
        Metadata = new() { Metadata = membership.Metadata };
        Name = membership.SiloName ?? string.Create(CultureInfo.InvariantCulture, $"Silo_{generation}");
        cluster = Cluster.Named(membership.Cluster ?? throw new OrleansConfigurationException(
            "Clustering has not been configured. Call UseLocalhostClustering; this build is one process."));
        Messenger = new(cluster, Traces, this);
    }

    public IServiceProvider Services { get; }

    public GrainCollectionOptions Collection { get; }

    public ILogger Log { get; }

    public bool Traces { get; }

    /// <summary>Made at the start, not before: a filter may ask for its silo or for grains.</summary>
    public IIncomingGrainCallFilter[] Filters { get; private set; } = [];

    public Messenger Messenger { get; }

    public SiloAddress SiloAddress { get; }

    public string Name { get; }

    public SiloMetadata Metadata { get; }

    /// <summary>Whether new activations may be placed here.</summary>
    public bool IsAlive { get; private set; }

    public int ActivationCount => activations.Count;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var quantum = Collection.CollectionQuantum;
        if (quantum <= TimeSpan.Zero || Collection.CollectionAge <= quantum)
        {
            throw new OrleansConfigurationException(
                $"CollectionAge is set to {Collection.CollectionAge}. CollectionAge must be greater than "
                + $"CollectionQuantum, which is set to {quantum} and must be greater than 0.");
        }

        GrainClasses.Discover();
        Filters = [.. Services.GetServices<IIncomingGrainCallFilter>()];
        IsAlive = true;
        cluster.Attach(Messenger);
        cluster.Join(this);
        collector = new Timer(_ => Collect(), null, quantum, quantum);
        return Task.CompletedTask;
    }

    /// <summary>Deactivates every grain; once the token is cancelled, what is left is lost as in a crash.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!IsAlive)
        {
            return;
        }

        cluster.Leave(this);
        IsAlive = false;
        collector?.Dispose();
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "This process is terminating.");
        try
        {
            while (!activations.IsEmpty && !cancellationToken.IsCancellationRequested)
            {
                var all = activations.Keys.ToList();
                all.ForEach(activation => activation.Deactivate(reason, cancellationToken));
                await Task.WhenAll(all.Select(activation => activation.Deactivated)).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host's patience is over: the rest is killed below.
        }

        foreach (var activation in activations.Keys)
        {
            activation.Kill();
        }

        Messenger.Close();
        cluster.Bury(this);
        cluster.Detach(Messenger);
    }

    /// <summary>A host that is disposed without having been stopped dies like a process.</summary>
    public void Dispose() => StopAsync(new CancellationToken(canceled: true)).GetAwaiter().GetResult();

    /// <summary>A stateless worker for one more call.</summary>
    public Activation Worker(GrainClass grainClass, GrainId id, int limit) =>
        workers.GetOrAdd(id, _ => new WorkerPool(this, grainClass, id, limit)).Pick();

    /// <summary>Whether the activation may live here; otherwise the silo is going down.</summary>
    public bool TryAdd(Activation activation)
    {
        activations.TryAdd(activation, true);
        return IsAlive || !activations.TryRemove(activation, out _);
    }

    public void Remove(Activation activation)
    {
        activations.TryRemove(activation, out _);
        cluster.Forget(activation);
        if (workers.TryGetValue(activation.GrainId, out var pool))
        {
            pool.Remove(activation);
        }
    }

    private void Collect()
    {
        foreach (var activation in activations.Keys)
        {
            activation.CollectIfIdle();
        }
    }

    private T Options<T>()
        where T : class => Services.GetRequiredService<IOptions<T>>().Value;
}
