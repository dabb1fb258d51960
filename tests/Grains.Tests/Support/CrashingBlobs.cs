using CoMiGS.Grains.Storage;

namespace CoMiGS.Grains.Tests.Support;

/// <summary>Blobs in memory whose writes fail on demand, before or after the bytes have arrived.</summary>
internal sealed class CrashingBlobs : IBlobStore
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, byte[]> blobs = new();

    /// <summary>Called with the name before a write; throws to fail it.</summary>
    public Action<string> BeforeWrite { get; set; } = _ => { };

    /// <summary>Called with the name after a write; throws to lose the answer.</summary>
    public Action<string> AfterWrite { get; set; } = _ => { };

    public IEnumerable<string> Names => blobs.Keys.Order(StringComparer.Ordinal);

    public Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        BeforeWrite(name);
        blobs[name] = bytes.ToArray();
        AfterWrite(name);
        return Task.CompletedTask;
    }

    public Task<byte[]?> ReadAsync(string name, CancellationToken stop) =>
        Task.FromResult(blobs.GetValueOrDefault(name));

    public Task DeleteAsync(string name)
    {
        blobs.TryRemove(name, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> ListAsync(string folder) => Task.FromResult<IReadOnlyList<string>>(
    [
        .. from name in blobs.Keys
           let parts = name.LastIndexOf('/')
           where parts >= 0 && name[..parts] == folder
           select name[(parts + 1)..],
    ]);
}
