using CoMiGS.Grains.Storage;
using Orleans.Storage;

namespace CoMiGS.Grains.Tests.Support;

/// <summary>Blobs and grain states of one machine, in memory. It can be cut off from whoever writes, as by kill -9:
/// before or after one chosen change, and from then on for good.</summary>
internal sealed class Disk : IBlobStore, IGrainStorage
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
    private TaskCompletionSource cut = new();
    private (int Change, bool After)? cutAt;

    /// <summary>Writes and deletions so far.</summary>
    public int Changes { get; private set; }

    /// <summary>Called with the name before a write; throws to fail it.</summary>
    public Action<string> BeforeWrite { get; set; } = _ => { };

    /// <summary>Ends when the chosen change has come.</summary>
    public Task IsCut => cut.Task;

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (gate)
            {
                return [.. files.Keys];
            }
        }
    }

    /// <param name="change">From 1.</param>
    public void CutAt(int change, bool after) => (cutAt, Changes, cut) = ((change, after), 0, new());

    /// <summary>For the next process.</summary>
    public void Mend() => cutAt = null;

    public Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        BeforeWrite(name);
        Change(() => files[name] = bytes.ToArray());
        return Task.CompletedTask;
    }

    public Task<byte[]?> ReadAsync(string name, CancellationToken stop)
    {
        lock (gate)
        {
            return Task.FromResult(files.GetValueOrDefault(name));
        }
    }

    public Task DeleteAsync(string name)
    {
        Change(() => files.Remove(name));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> ListAsync(string folder) => Task.FromResult<IReadOnlyList<string>>(
    [
        .. from name in Names
           let slash = name.LastIndexOf('/')
           where slash >= 0 && name[..slash] == folder
           select name[(slash + 1)..],
    ]);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var bytes = await ReadAsync(NameOf(stateName, grainId), CancellationToken.None);
        grainState.State = bytes is null ? Activator.CreateInstance<T>() : Json.FromBytes<T>(bytes, stateName);
        (grainState.RecordExists, grainState.ETag) = (bytes is not null, null);
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteAsync(NameOf(stateName, grainId), Json.ToBytes(grainState.State), CancellationToken.None);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        DeleteAsync(NameOf(stateName, grainId));

    private static string NameOf(string stateName, GrainId grainId) => $"{grainId.Key}/{stateName}.json";

    private void Change(Action change)
    {
        lock (gate)
        {
            Changes++;
            Cut(after: false);
            change();
            Cut(after: true);
        }
    }

    private void Cut(bool after)
    {
        if (cutAt is { } at && (Changes > at.Change || (Changes == at.Change && after == at.After)))
        {
            cut.TrySetResult();
            throw new IOException("The process is dead.");
        }
    }
}
