using CoMiGS.Grains.Faults;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Silo;

/// <summary>Kills and restarts silos of an embedded cluster as its runs reach their rounds.</summary>
internal sealed class SiloDeaths(EmbeddedCluster cluster) : ISiloFaults
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> reached = [];
    private Task last = Task.CompletedTask;

    /// <exception cref="ExperimentFailedException">There is no such silo.</exception>
    public void Reach(string experiment, int round, IReadOnlySet<int> dead)
    {
        if (dead.Any(silo => silo > cluster.SiloCount))
        {
            throw new ExperimentFailedException(
                $"The fault plan kills silo {dead.Max()}, but there are {cluster.SiloCount}: --silos N.");
        }

        lock (gate)
        {
            if (reached.GetValueOrDefault(experiment, -1) < round)
            {
                reached[experiment] = round;
                var before = last;
                last = Task.Run(() => ApplyAsync(before, dead));   // the caller's own silo may be the one to die
            }
        }
    }

    /// <summary>Waits until nothing is dying or coming back.</summary>
    public Task SettleAsync()
    {
        lock (gate)
        {
            return last;
        }
    }

    private async Task ApplyAsync(Task before, IReadOnlySet<int> dead)
    {
        await before;
        for (var silo = 1; silo < cluster.SiloCount; silo++)
        {
            if (dead.Contains(silo + 1) && cluster.IsAlive(silo))
            {
                await cluster.KillAsync(silo);
            }
            else if (!dead.Contains(silo + 1) && !cluster.IsAlive(silo))
            {
                await cluster.StartAsync(silo, CancellationToken.None);
            }
        }
    }
}
