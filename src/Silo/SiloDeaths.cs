using CoMiGS.Grains.Faults;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Silo;

/// <summary>Kills and restarts silos of an embedded cluster as its runs reach their rounds.</summary>
internal sealed class SiloDeaths(EmbeddedCluster cluster) : ISiloFaults
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> reached = [];
    private Task back = Task.CompletedTask;
    private Task last = Task.CompletedTask;
    private bool hasEnded;

    /// <exception cref="ExperimentFailedException">There is no such silo.</exception>
    public Task ReachAsync(string experiment, int round, IReadOnlySet<int> dead)
    {
        if (dead.Any(silo => silo > cluster.SiloCount))
        {
            throw new ExperimentFailedException(
                $"The fault plan kills silo {dead.Max()}, but there are {cluster.SiloCount}: --silos N.");
        }

        lock (gate)
        {
            if (!hasEnded && reached.GetValueOrDefault(experiment, -1) < round)
            {
                reached[experiment] = round;
                var before = last;
                back = Task.Run(() => StartAsync(before, dead));
                var started = back;
                last = Task.Run(() => KillAsync(started, dead));   // the caller's own silo may be the one to die
            }

            return back;
        }
    }

    /// <summary>Nothing dies or comes back any more once this is over.</summary>
    public async Task EndAsync()
    {
        Task under;
        lock (gate)
        {
            (hasEnded, under) = (true, last);
        }

        await under.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task StartAsync(Task before, IReadOnlySet<int> dead)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // who did not come back is tried again
        foreach (var silo in Mortals.Where(silo => !dead.Contains(silo + 1) && !cluster.IsAlive(silo)))
        {
            await cluster.StartAsync(silo, CancellationToken.None);
        }
    }

    private async Task KillAsync(Task started, IReadOnlySet<int> dead)
    {
        await started.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var silo in Mortals.Where(silo => dead.Contains(silo + 1) && cluster.IsAlive(silo)))
        {
            await cluster.KillAsync(silo);
        }
    }

    /// <summary>All but the first, which keeps the list of silos. 0-based.</summary>
    private IEnumerable<int> Mortals => Enumerable.Range(1, cluster.SiloCount - 1);
}
