using CoMiGS.Grains.Experiments;
using CoMiGS.Learning;

namespace CoMiGS.Silo.Storage;

/// <summary>A folder of states that belongs to one process.</summary>
public static class StateFolder
{
    private const string LockName = "lock";

    /// <summary>What is in it, read without silos.</summary>
    public static SavedRuns Open(string folder) => new(new FileBlobStore(folder), new FileGrainStorage(folder));

    /// <summary>Keeps other processes out until it is disposed of, or this one ends in whatever way.</summary>
    /// <exception cref="BadInputException">Another process is in it.</exception>
    public static IDisposable Hold(string folder) =>
        HeldFile.TryTake(Path.Combine(folder, LockName))
        ?? throw new BadInputException($"{folder} is in use: another process runs there; stop it or wait.");
}
