using CoMiGS.Grains.Storage;

namespace CoMiGS.Silo.Storage;

/// <summary>Blobs as sealed files. On a cluster the folder is shared.</summary>
/// <param name="folder">Absolute; made when needed.</param>
internal sealed class FileBlobStore(string folder) : IBlobStore
{
    public Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken stop) =>
        SealedFile.WriteAsync(PathOf(name), bytes, stop);

    public Task<byte[]?> ReadAsync(string name, CancellationToken stop) => SealedFile.ReadAsync(PathOf(name), stop);

    public Task DeleteAsync(string name)
    {
        if (File.Exists(PathOf(name)))
        {
            File.Delete(PathOf(name));
        }

        return Task.CompletedTask;
    }

    /// <summary>Cuts a blob's file to half its length, as a broken disk would.</summary>
    public void Tear(string name)
    {
        using var file = new FileStream(PathOf(name), FileMode.Open);
        file.SetLength(file.Length / 2);
    }

    private string PathOf(string name) => StatePath.Of(folder, name, ".blob");
}
