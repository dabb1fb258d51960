using System.Security.Cryptography;
using System.Text;
using CoMiGS.Learning;

namespace CoMiGS.Silo.Storage;

/// <summary>A file that is either whole or refused: one header line with format version and SHA-256, then the content.
/// Written to a temporary name, flushed to the disk and renamed, so that a crash leaves the old file or the new
/// one.</summary>
internal static class SealedFile
{
    private const string Format = "comigs-state 1 sha256 ";
    private const string Unfinished = ".tmp";
    private const int HashLength = 2 * SHA256.HashSizeInBytes;
    private static readonly int HeaderLength = Format.Length + HashLength + 1;

    /// <exception cref="IOException">It cannot be written; the message names the path.</exception>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken stop)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}{Unfinished}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                await file.WriteAsync(HeaderOf(content.Span), stop);
                await file.WriteAsync(content, stop);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception failed)
        {
            if (Directory.Exists(Path.GetDirectoryName(path)))
            {
                File.Delete(temporary);
            }

            if (failed is IOException)
            {
                throw new IOException($"{path} cannot be written: {ReasonOf(failed)}.", failed.HResult);
            }

            throw;
        }
    }

    /// <summary>Deletes what writes to a path left behind that were never finished. Nobody writes to it now.</summary>
    public static void DeleteUnfinished(string path)
    {
        foreach (var file in Directory.EnumerateFiles(
            Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*{Unfinished}"))
        {
            File.Delete(file);
        }
    }

    /// <summary>The content; null when there is no such file.</summary>
    /// <exception cref="BadInputException">The file is not one of ours, or damaged.</exception>
    public static async Task<byte[]?> ReadAsync(string path, CancellationToken stop)
    {
        FileStream file;
        try
        {
            file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        await using (file)
        {
            var header = new byte[Math.Min(HeaderLength, file.Length)];
            var content = new byte[file.Length - header.Length];   // large: read once, into its place
            await file.ReadExactlyAsync(header, stop);
            await file.ReadExactlyAsync(content, stop);
            if (header.Length < HeaderLength || !header.AsSpan().StartsWith(Encoding.ASCII.GetBytes(Format)))
            {
                throw new BadInputException(
                    $"{path} is not a state file of this program, or its beginning is damaged.");
            }

            return header.AsSpan().SequenceEqual(HeaderOf(content))
                ? content
                : throw new BadInputException($"{path} is damaged: its content does not match its checksum.");
        }
    }

    private static byte[] HeaderOf(ReadOnlySpan<byte> content) =>
        Encoding.ASCII.GetBytes($"{Format}{HashOf(content)}\n");

    /// <summary>What the system says, without the name of the temporary file behind it.</summary>
    private static string ReasonOf(Exception failed) => failed.Message.Split(" : ")[0].TrimEnd('.');

    /// <summary>SHA-256 as 64 lower-case hexadecimal digits.</summary>
    public static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
