using CoMiGS.Grains.Experiments;

namespace CoMiGS.Silo.Storage;

/// <summary>A folder of states that no silo uses at the moment.</summary>
public static class StateFolder
{
    public static SavedRuns Open(string folder) => new(new FileBlobStore(folder), new FileGrainStorage(folder));
}
