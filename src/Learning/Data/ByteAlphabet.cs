namespace CoMiGS.Learning.Data;

/// <summary>
/// GPT-2's byte alphabet: a visible character for each of the 256 bytes, so that any bytes can stand in JSON.
/// Printable Latin-1 bytes stand for themselves, the other 68 are U+0100, U+0101, … in byte order.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] CharOfByte = new char[256];
    private static readonly Dictionary<char, byte> ByteOfChar = [];

    static ByteAlphabet()
    {
        var next = (char)0x100;
        for (var b = 0; b < 256; b++)
        {
            var printable = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            CharOfByte[b] = printable ? (char)b : next++;
            ByteOfChar[CharOfByte[b]] = (byte)b;
        }

        InVocabularyOrder = [.. ByteOfChar.OrderBy(pair => pair.Key).Select(pair => pair.Value)];
    }

    /// <summary>The 256 bytes in the order GPT-2 numbers them: by their character.</summary>
    public static IReadOnlyList<byte> InVocabularyOrder { get; }

    public static string TextOf(ReadOnlySpan<byte> bytes) =>
        string.Create(bytes.Length, bytes, static (chars, source) =>
        {
            for (var i = 0; i < chars.Length; i++)
            {
                chars[i] = CharOfByte[source[i]];
            }
        });

    /// <summary>The bytes of a vocabulary entry, or null if a character is not of the alphabet.</summary>
    public static byte[]? BytesOf(string text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (!ByteOfChar.TryGetValue(text[i], out bytes[i]))
            {
                return null;
            }
        }

        return bytes;
    }
}
