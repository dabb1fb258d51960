using System.Collections.Concurrent;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>The silos of this process that share ids and primary, and the directory of their activations.</summary>
internal sealed class Cluster
{
    private static readonly Dictionary<string, Cluster> Clusters = [];

    private readonly ConcurrentDictionary<GrainId, Activation> directory = new();
    private readonly string name;
    private readonly List<Messenger> members = [];
    private volatile Silo[] silos = [];
    private uint placements;
    private OutstandingCalls? outstanding;

    private Cluster(string name) => this.name = name;

    public OutstandingCalls Outstanding => LazyInitializer.EnsureInitialized(ref outstanding);

    /// <summary>What memory stores hold. As upstream, a record is lost with the silo that happens to hold it.</summary>
    public ConcurrentDictionary<(string Store, string State, GrainId Grain), MemoryRecord> Records { get; } = new();

    public Silo[] Silos => silos;

    /// <summary>The cluster a silo joins, made by the first one.</summary>
    public static Cluster Named(string name)
    {
        lock (Clusters)
        {
            return Clusters.TryGetValue(name, out var cluster) ? cluster : Clusters[name] = new(name);
        }
    }

    /// <summary>Keeps the cluster known while silos or clients use it.</summary>
    public void Attach(Messenger member)
    {
        lock (Clusters)
        {
            members.Add(member);
            Clusters[name] = this;
        }
    }

    /// <summary>A sender for a reference whose own sender is gone; that one itself when it was the last.</summary>
    public Messenger InPlaceOf(Messenger gone)
    {
        lock (Clusters)
        {
            return members.Find(member => !member.Closed) ?? gone;
        }
    }

    public void Detach(Messenger member)
    {
        lock (Clusters)
        {
            members.Remove(member);
            if (members.Count == 0)
            {
                Clusters.Remove(name);
                Interlocked.Exchange(ref outstanding, null)?.Dispose();
            }
        }
    }

    public void Join(Silo silo)
    {
        lock (Clusters)
        {
            if (silos.Any(other => other.SiloAddress.Endpoint.Equals(silo.SiloAddress.Endpoint)))
            {
                throw new InvalidOperationException($"Another silo of this cluster uses {silo.SiloAddress.Endpoint}.");
            }

            silos = [.. silos, silo];
        }
    }

    /// <summary>Takes a silo out of placement. Its activations stay until <see cref="Bury"/>.</summary>
    public void Leave(Silo silo)
    {
        lock (Clusters)
        {
            silos = [.. silos.Where(other => other != silo)];
        }
    }

    /// <summary>Ends everything that still waits for a silo that is gone.</summary>
    public void Bury(Silo silo)
    {
        foreach (var call in Outstanding.Where(call => call.At?.Silo == silo || call.Sender?.Silo == silo))
        {
            call.Fail(new SiloUnavailableException($"The target silo became unavailable for message: {call}."));
            call.CancelOrphan();
        }

        foreach (var record in Records.Where(record => record.Value.Holder == silo))
        {
            Records.TryRemove(record);
        }
    }

    public void Forget(Activation activation) =>
        directory.TryRemove(KeyValuePair.Create(activation.GrainId, activation));

    /// <summary>The activation a call goes to, made when there is none.</summary>
    /// <returns>At once, unless the application's own director has to be asked where the grain belongs.</returns>
    public ValueTask<Activation> FindAsync(Call call, Silo? local)
    {
        if (directory.TryGetValue(call.Target, out var known))
        {
            return new(known);
        }

        var grainClass = GrainClasses.Of(call.Target.Type);
        switch (grainClass.Placement)
        {
            case StatelessWorkerPlacement workers:
                var host = local is { IsAlive: true } ? local : Any();
                return new(host.Worker(grainClass, call.Target, workers.MaxLocalWorkers));
            case { } builtIn when IsBuiltIn(builtIn):
                return new(Activate(grainClass, call.Target, () => Place(grainClass.Placement, call.Target, local)));
            default:
                return new(Task.Run(() => FindChosenAsync(grainClass, call.Target, local ?? Any())));
        }
    }

    /// <summary>Where a grain would live if it were activated now.</summary>
    public async Task<Silo> PlaceAgainAsync(GrainClass grainClass, GrainId id, Silo local) =>
        grainClass.Placement switch
        {
            StatelessWorkerPlacement => local,
            { } own when !IsBuiltIn(own) => await Task.Run(() => new Placing(this, local).ChooseAsync(own, id)),
            { } builtIn => Place(builtIn, id, local),
        };

    private static bool IsBuiltIn(PlacementStrategy placement) =>
        placement is RandomPlacement or HashBasedPlacement or PreferLocalPlacement or ActivationCountBasedPlacement;

    private async Task<Activation> FindChosenAsync(GrainClass grainClass, GrainId id, Silo local)
    {
        var home = await PlaceAgainAsync(grainClass, id, local);
        return Activate(grainClass, id, () => home.IsAlive
            ? home
            : throw new SiloUnavailableException($"Silo {home.SiloAddress} is going down."));
    }

    private Activation Activate(GrainClass grainClass, GrainId id, Func<Silo> place)
    {
        while (true)
        {
            var made = new Activation(place(), grainClass, id);
            var winner = directory.GetOrAdd(id, made);
            if (winner != made)
            {
                return winner;
            }

            if (made.TryStart())
            {
                return made;
            }

            Forget(made);
        }
    }

    private Silo Place(PlacementStrategy placement, GrainId id, Silo? local) => placement switch
    {
        PreferLocalPlacement when local is { IsAlive: true } => local,
        HashBasedPlacement => At(StableHash(id)),
        ActivationCountBasedPlacement => Living().MinBy(silo => silo.ActivationCount)!,
        _ => Any(),
    };

    public Silo Any() => At(Interlocked.Increment(ref placements));

    private Silo At(uint position)
    {
        var all = Living();
        return all[position % (uint)all.Length];
    }

    private Silo[] Living() => silos is { Length: > 0 } all
        ? all
        : throw new SiloUnavailableException($"No silo of cluster '{name}' is running.");

    // FNV-1a: the same in every process, unlike string.GetHashCode.
    private static uint StableHash(GrainId id)
    {
        var hash = 2166136261u;
        foreach (var letter in id.ToString())
        {
            hash = (hash ^ letter) * 16777619u;
        }

        return hash;
    }
}
