using System.Globalization;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;

namespace CoMiGS.Grains.Storage;

internal static class BlobStoreExtensions
{
    /// <summary>Writes a blob.</summary>
    /// <exception cref="ExperimentFailedException">The disk is full.</exception>
    public static async Task SaveAsync(
        this IBlobStore blobs, string name, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        try
        {
            await blobs.WriteAsync(name, bytes, stop);
        }
        catch (Exception failed) when (DiskFull.SentenceOf(failed) is { } full)
        {
            throw new ExperimentFailedException(full, failed);
        }
    }

    /// <summary>Bytes without which a run cannot go on.</summary>
    /// <exception cref="ExperimentFailedException">They are damaged or missing; the message names the file.</exception>
    public static async Task<byte[]> RequireAsync(this IBlobStore blobs, string name, CancellationToken stop)
    {
        try
        {
            return await blobs.ReadAsync(name, stop)
                ?? throw new ExperimentFailedException($"{blobs.Where(name)} is missing.");
        }
        catch (BadInputException damaged)
        {
            throw new ExperimentFailedException(damaged.Message);
        }
    }

    /// <summary>Names that are numbers, ascending.</summary>
    public static async Task<IReadOnlyList<int>> ListNumbersAsync(this IBlobStore blobs, string folder) =>
    [
        .. from name in await blobs.ListAsync(folder)
           let number = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1
           where number >= 0
           orderby number
           select number,
    ];
}
