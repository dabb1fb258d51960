using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Telemetry;

namespace CoMiGS.Silo.Telemetry;

/// <summary>Blobs as they are, with their operations counted.</summary>
internal sealed class MeteredBlobStore(IBlobStore blobs, TimeProvider time) : IBlobStore
{
    public async Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        await blobs.WriteAsync(name, bytes, stop);
        Count("write", started, bytes.Length);
    }

    public async Task<byte[]?> ReadAsync(string name, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        var bytes = await blobs.ReadAsync(name, stop);
        Count("read", started, bytes?.Length ?? 0);
        return bytes;
    }

    public async Task DeleteAsync(string name)
    {
        var started = time.GetTimestamp();
        await blobs.DeleteAsync(name);
        Count("delete", started, 0);
    }

    public async Task<IReadOnlyList<string>> ListAsync(string folder)
    {
        var started = time.GetTimestamp();
        var names = await blobs.ListAsync(folder);
        Count("list", started, 0);
        return names;
    }

    public string Where(string name) => blobs.Where(name);

    private void Count(string operation, long started, int bytes)
    {
        var tag = new KeyValuePair<string, object?>("operation", operation);
        Instruments.StateDuration.Record(time.GetElapsedTime(started).TotalSeconds, tag);
        if (operation is "read" or "write")
        {
            Instruments.StateBytes.Add(bytes, tag);
        }
    }
}
