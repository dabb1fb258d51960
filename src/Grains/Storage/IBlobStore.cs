namespace CoMiGS.Grains.Storage;

/// <summary>Large immutable state under names like "run/users/de/12": what is too big to be rewritten whole with every
/// grain state. A write is atomic: afterwards a reader finds all of the old bytes or all of the new ones.</summary>
public interface IBlobStore
{
    /// <exception cref="IOException">They cannot be written; the message names the file.</exception>
    Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken stop);

    /// <summary>The bytes last written; null when there are none.</summary>
    /// <exception cref="Learning.BadInputException">They are there but damaged; the message names the file.</exception>
    Task<byte[]?> ReadAsync(string name, CancellationToken stop);

    /// <summary>Forgets a name; nothing happens when there is none.</summary>
    Task DeleteAsync(string name);

    /// <summary>The last parts of the names FOLDER/PART, in no order.</summary>
    Task<IReadOnlyList<string>> ListAsync(string folder);

    /// <summary>Where a person finds what a name stands for: a file's path.</summary>
    string Where(string name) => name;
}
