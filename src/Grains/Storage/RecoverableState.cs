using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;
using Orleans.Storage;

namespace CoMiGS.Grains.Storage;

/// <summary>A grain's state that can be found again without its file. A damaged one does not keep the grain from
/// starting, and can be written over.</summary>
internal sealed class RecoverableState<T>(IGrainStorage storage, string name, GrainId grain)
    where T : class, new()
{
    private readonly GrainState<T> record = new(new T());

    public T Value => record.State!;

    public bool Exists => record.RecordExists;

    /// <summary>One sentence that names the file; null when it is whole, or not there.</summary>
    public string? Damage { get; private set; }

    public async Task ReadAsync()
    {
        try
        {
            Damage = null;
            await storage.ReadStateAsync(name, grain, record);
        }
        catch (Exception failed) when (BadInputException.In(failed) is { } damaged)
        {
            (record.State, record.RecordExists, Damage) = (new(), false, damaged.Message);
        }
    }

    /// <summary>Whether what was last read or written is still what is stored.</summary>
    public async Task<bool> IsCurrentAsync()
    {
        var stored = new GrainState<T>(new T());
        await storage.ReadStateAsync(name, grain, stored);
        return stored.ETag == record.ETag;
    }

    /// <exception cref="InconsistentStateException">Another activation has written it since.</exception>
    /// <exception cref="ExperimentFailedException">The disk is full; what was stored before still is.</exception>
    public async Task WriteAsync(T next)
    {
        var before = record.State;
        record.State = next;
        try
        {
            await storage.WriteStateAsync(name, grain, record);
            (record.RecordExists, Damage) = (true, null);
        }
        catch (Exception failed)
        {
            record.State = before;
            if (DiskFull.SentenceOf(failed) is { } full)
            {
                throw new ExperimentFailedException(full, failed);
            }

            throw;
        }
    }
}
