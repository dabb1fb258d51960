using CoMiGS.Grains.Storage;

namespace CoMiGS.Silo.Storage;

/// <summary>Blobs as sealed files. On a cluster the folder is shared.</summary>
/// <param name="root">Absolute; made when needed.</param>
internal sealed class FileBlobStore(string root) : IBlobStore
{
    private const string Ending = ".blob";

    public Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken stop) =>
        SealedFile.WriteAsync(PathOf(name), bytes, stop);

    public Task<byte[]?> ReadAsync(string name, CancellationToken stop) => SealedFile.ReadAsync(PathOf(name), stop);

    /// <summary>With what a process that was killed left of writing it.</summary>
    public Task DeleteAsync(string name)
    {
        var path = PathOf(name);
        if (Path.GetDirectoryName(path) is { } parent && Directory.Exists(parent))
        {
            File.Delete(path);
            SealedFile.DeleteUnfinished(path);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> ListAsync(string folder)
    {
        var files = new DirectoryInfo(StatePath.Of(root, folder, ""));
        return Task.FromResult<IReadOnlyList<string>>(files.Exists
            ? [.. files.EnumerateFiles("*" + Ending).Select(file => StatePath.NameOf(file.Name[..^Ending.Length]))]
            : []);
    }

    public string Where(string name) => PathOf(name);

    /// <summary>Cuts a blob's file to half its length, as a broken disk would.</summary>
    public void Tear(string name)
    {
        using var file = new FileStream(PathOf(name), FileMode.Open);
        file.SetLength(file.Length / 2);
    }

    private string PathOf(string name) => StatePath.Of(root, name, Ending);
}
