namespace Orleans.Runtime;

/// <summary>The activations of one stateless worker on one silo.</summary>
internal sealed class WorkerPool(Silo silo, GrainClass grainClass, GrainId id, int limit)
{
    private readonly List<Activation> workers = [];
    private int turn;

    /// <summary>An idle worker, or a new one below the limit, or the next in turn.</summary>
    public Activation Pick()
    {
        lock (workers)
        {
            if (workers.Find(worker => worker.IsIdle) is { } idle)
            {
                idle.Reserve();
                return idle;
            }

            if (workers.Count < limit)
            {
                var made = new Activation(silo, grainClass, id);
                if (!made.TryStart())
                {
                    throw new SiloUnavailableException($"Silo {silo.SiloAddress} is stopping.");
                }

                made.Reserve();
                workers.Add(made);
                return made;
            }

            return workers[++turn % workers.Count];
        }
    }

    public void Remove(Activation worker)
    {
        lock (workers)
        {
            workers.Remove(worker);
        }
    }
}
