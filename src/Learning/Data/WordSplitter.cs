using System.Buffers;
using System.Globalization;
using System.Text;

namespace CoMiGS.Learning.Data;

/// <summary>
/// GPT-2's pre-tokenisation, on UTF-8 bytes: merges never cross the words found here. Same words as the pattern
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c> on code points (a .NET regex
/// would see UTF-16 halves). Bytes that are not UTF-8 count as symbols, so any input splits and nothing is lost.
/// </summary>
internal ref struct WordSplitter(ReadOnlySpan<byte> utf8)
{
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private readonly ReadOnlySpan<byte> utf8 = utf8;
    private int position;

    private enum Kind
    {
        Letter,
        Number,
        Symbol,
        Space,
        End,
    }

    /// <summary>The next word, or an empty span at the end.</summary>
    public ReadOnlySpan<byte> Next()
    {
        var start = position;
        position += Contraction() is var contraction and > 0 ? contraction : WordLength();
        return utf8[start..position];
    }

    private readonly int Contraction()
    {
        foreach (var contraction in Contractions)
        {
            if (utf8[position..].StartsWith(Encoding.ASCII.GetBytes(contraction)))
            {
                return contraction.Length;
            }
        }

        return 0;
    }

    private readonly int WordLength()
    {
        var first = KindAt(position, out var firstLength);
        if (first == Kind.End)
        {
            return 0;
        }

        var prefix = 0;
        if (utf8[position] == ' ' && KindAt(position + 1, out _) is var next and not (Kind.Space or Kind.End))
        {
            (prefix, first, firstLength) = (1, next, 0);
        }

        var end = position + prefix + firstLength;
        var last = position + prefix;   // where the last code point of the run starts
        while (KindAt(end, out var length) == first)
        {
            last = end;
            end += length;
        }

        // A run of spaces before a word leaves its last space to that word: \s+(?!\S).
        var leavesOne = first == Kind.Space && end < utf8.Length && last > position;
        return (leavesOne ? last : end) - position;
    }

    private readonly Kind KindAt(int at, out int length)
    {
        if (at >= utf8.Length)
        {
            length = 0;
            return Kind.End;
        }

        if (Rune.DecodeFromUtf8(utf8[at..], out var rune, out length) != OperationStatus.Done)
        {
            return Kind.Symbol;
        }

        return Rune.IsWhiteSpace(rune) ? Kind.Space : Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            >= UnicodeCategory.DecimalDigitNumber and <= UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Symbol,
        };
    }
}
