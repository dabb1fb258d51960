using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CoMiGS.Learning.Data;

namespace CoMiGS.Fuzz;

/// <summary>Damages contents: what a disk, a careless editor or an attacker would do. A mutant is a pure function of
/// seed, parser and number.</summary>
internal sealed class Mutator(Parser parser, ulong seed)
{
    private const int LongestMutant = 1 << 16;
    private const int MostChanges = 4;

    private static readonly long[] Extremes =
    [
        0, 1, -1, 7, 8, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, int.MaxValue, int.MinValue, uint.MaxValue,
        1L << 32, 1L << 40, long.MaxValue, long.MinValue,
    ];

    private static readonly string[] Numbers =
    [
        .. Extremes.Select(extreme => extreme.ToString(CultureInfo.InvariantCulture)),
        "18446744073709551615", "18446744073709551616", "340282366920938463463374607431768211456", "1e999", "-1e999",
        "1e-999", "0.1", "-0", "00", "1_000", "0x10", "NaN", ".nan", "Infinity", "-Infinity", "1.5", "1e3", "٣",
        new string('9', 400),
    ];

    /// <summary>Not UTF-8, or text that surprises: a cut character, an overlong one, half a surrogate pair, a byte
    /// order mark, zero, a right-to-left mark, a separator of lines, escapes of JSON.</summary>
    private static readonly byte[][] Oddities =
    [
        [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xEF, 0xBB, 0xBF], [0xFE, 0xFF],
        [0], [0xE2, 0x80, 0xAE], [0xE2, 0x80, 0xA8], [0x1B, (byte)'[', (byte)'2', (byte)'J'], [(byte)'\r'],
        [.. "\\u0000"u8], [.. "\\ud800"u8], [.. "\\u000a"u8], [.. "\\"u8],
    ];

    private static readonly byte[][] Nests =
        [[.. "["u8], [.. "{\"a\":"u8], [.. "{a: "u8], [.. "- "u8], [.. "(("u8], [.. "\""u8], [.. "? "u8]];

    public byte[] Mutant(int number)
    {
        var random = Randomness.Of(seed, Randomness.Key(parser.Name), (ulong)number);
        var bytes = new List<byte>(parser.Seeds[random.NextBelow(parser.Seeds.Count)]);
        for (var left = 1 + random.NextBelow(1 + random.NextBelow(MostChanges)); left > 0; left--)
        {
            Change(bytes, random);
        }

        return [.. bytes.Take(LongestMutant)];
    }

    private void Change(List<byte> bytes, Randomness random)
    {
        var (at, length) = Range(bytes.Count, random);
        switch (random.NextBelow(16))
        {
            case 0 or 1 when bytes.Count > 0:
                bytes[at % bytes.Count] ^= (byte)(1 << random.NextBelow(8));
                break;
            case 2 when bytes.Count > 0:
                bytes[at % bytes.Count] = (byte)random.NextBelow(256);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 5:
                Splice(bytes, at, random);
                break;
            case 6 when random.NextBelow(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 6 or 7:
                ReplaceNumber(bytes, at, random);
                break;
            case 8:
                Overwrite(bytes, at, random);
                break;
            case 9 when random.NextBelow(8) == 0:
                bytes.InsertRange(at, Repeated(Nests[random.NextBelow(Nests.Length)], random));
                break;
            case 9 when random.NextBelow(8) == 0:
                bytes.InsertRange(at, Repeated([.. bytes.GetRange(at, length)], random));
                break;
            case 10:
                bytes.InsertRange(at, Oddities[random.NextBelow(Oddities.Length)]);
                break;
            case 11:
                Exchange(bytes, at, length, random);
                break;
            case 12:
                ToCrLf(bytes);
                break;
            case 13:
                bytes.RemoveRange(at, length);
                bytes.InsertRange(at, Word(random));
                break;
            default:
                bytes.InsertRange(at, Word(random));
                break;
        }
    }

    /// <summary>Mostly a few bytes; the ends are inside the content.</summary>
    private static (int At, int Length) Range(int count, Randomness random)
    {
        var at = random.NextBelow(count + 1);
        var longest = random.NextBelow(4) == 0 ? count : 16;
        return (at, random.NextBelow(Math.Min(longest, count - at) + 1));
    }

    private byte[] Word(Randomness random) => parser.Words.Count == 0 || random.NextBelow(8) == 0
        ? Encoding.UTF8.GetBytes(Numbers[random.NextBelow(Numbers.Length)])
        : parser.Words[random.NextBelow(parser.Words.Count)];

    /// <summary>From here on another seed, from anywhere on.</summary>
    private void Splice(List<byte> bytes, int at, Randomness random)
    {
        var other = parser.Seeds[random.NextBelow(parser.Seeds.Count)];
        bytes.RemoveRange(at, bytes.Count - at);
        bytes.AddRange(other[random.NextBelow(other.Length + 1)..]);
    }

    /// <summary>The next number in the text becomes another one.</summary>
    private static void ReplaceNumber(List<byte> bytes, int at, Randomness random)
    {
        var start = bytes.FindIndex(at, IsDigit);
        if (start < 0)
        {
            return;
        }

        var end = bytes.FindIndex(start, b => !IsDigit(b));
        bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
        bytes.InsertRange(start, Encoding.UTF8.GetBytes(Numbers[random.NextBelow(Numbers.Length)]));

        static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';
    }

    /// <summary>A number as it stands in memory, 1 to 8 bytes.</summary>
    private static void Overwrite(List<byte> bytes, int at, Randomness random)
    {
        var number = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, Extremes[random.NextBelow(Extremes.Length)]);
        var width = Math.Min(1 << random.NextBelow(4), bytes.Count - at);
        bytes.RemoveRange(at, width);
        bytes.InsertRange(at, number[..width]);
    }

    private static byte[] Repeated(byte[] piece, Randomness random)
    {
        var most = LongestMutant / Math.Max(1, piece.Length);
        var times = Math.Min(most, 1 << random.NextBelow(16));
        return [.. Enumerable.Repeat(piece, times).SelectMany(bytes => bytes)];
    }

    /// <summary>Two neighbouring ranges change places.</summary>
    private static void Exchange(List<byte> bytes, int at, int length, Randomness random)
    {
        var second = bytes.GetRange(at + length, random.NextBelow(bytes.Count - at - length + 1));
        bytes.RemoveRange(at + length, second.Count);
        bytes.InsertRange(at, second);
    }

    private static void ToCrLf(List<byte> bytes)
    {
        byte[] lines = [.. bytes.SelectMany(b => b == (byte)'\n' ? "\r\n"u8.ToArray() : [b])];
        bytes.Clear();
        bytes.AddRange(lines);
    }
}
