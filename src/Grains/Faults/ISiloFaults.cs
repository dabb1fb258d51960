using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Faults;

/// <summary>Lets silos die and come back; the host's part of a fault plan.</summary>
public interface ISiloFaults
{
    /// <summary>A run has reached a round: exactly these silos are to be dead from now on. Ends when those that come
    /// back are there; those that die do so in the middle of the round. The same round again changes nothing.</summary>
    /// <param name="dead">Numbers, from 1.</param>
    Task ReachAsync(string experiment, int round, IReadOnlySet<int> dead);
}

/// <summary>Of a silo that is a process of its own: a fault plan has no way to it.</summary>
public sealed class NoSiloFaults : ISiloFaults
{
    /// <exception cref="ExperimentFailedException">A silo is to be dead.</exception>
    public Task ReachAsync(string experiment, int round, IReadOnlySet<int> dead) => dead.Count == 0
        ? Task.CompletedTask
        : throw new ExperimentFailedException(
            "The fault plan kills silos, which only works with silos of one process: --silos N.");
}
