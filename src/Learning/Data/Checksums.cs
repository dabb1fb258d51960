using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Learning.Data;

/// <summary>A folder's <c>SHA256SUMS</c>, as <c>sha256sum</c> writes it: what its files must be, byte for byte. A cut
/// that leaves a file readable is found by nothing else.</summary>
public static class Checksums
{
    public const string FileName = "SHA256SUMS";
    private const int HashLength = 64;

    /// <summary>Compares every file that FOLDER/SHA256SUMS lists; a folder need not have one.</summary>
    /// <exception cref="BadInputException">A file is missing or another one, or a line of the list is not of
    /// sha256sum's form.</exception>
    public static void Verify(string folder)
    {
        var list = Path.Combine(folder, FileName);
        if (!Path.Exists(list))
        {
            return;
        }

        foreach (var (index, line) in InputFile.ReadText(list).TrimEnd('\n').Split('\n').Index())
        {
            VerifyLine(folder, line.TrimEnd('\r'), $"{list}:{index + 1}");
        }
    }

    /// <summary>A file's bytes against the hash that a list has of it.</summary>
    /// <exception cref="BadInputException">Another hash.</exception>
    public static void Verify(string path, ReadOnlySpan<byte> bytes, string expected, string list)
    {
        if (ContentHash.Of(bytes) is var hash && hash != expected)
        {
            throw new BadInputException($"{path} was changed: its SHA-256 is {hash}, but {list} says {expected}.");
        }
    }

    private static void VerifyLine(string folder, string line, string where)
    {
        if (line.Length <= HashLength + 2 || line[HashLength] != ' ' || line[HashLength + 1] is not (' ' or '*')
            || !line[..HashLength].All(char.IsAsciiHexDigit))
        {
            throw new BadInputException(
                $"{where}: '{line}' must be {HashLength} hexadecimal digits, two spaces and a file name.");
        }

        var name = line[(HashLength + 2)..];
        if (Path.IsPathRooted(name) || name.Split('/').Contains(".."))
        {
            throw new BadInputException($"{where}: '{name}' must be a file below the folder of the list.");
        }

        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            throw new BadInputException($"{where}: '{name}' is listed, but there is no such file.");
        }

        Verify(path, InputFile.ReadBytes(path), line[..HashLength].ToLowerInvariant(), FileName);
    }
}
