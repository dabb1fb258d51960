using System.Collections.Concurrent;
using System.Text;

namespace CoMiGS.Learning.Data;

/// <summary>
/// Byte-level byte-pair encoding as GPT-2 does it: UTF-8 bytes, split into words, adjacent tokens merged in the order
/// the merges were learned. Any byte sequence survives the round trip. Text is only text: a literal
/// "&lt;|endoftext|&gt;" in it does not become the special token. Safe for any number of threads.
/// </summary>
public sealed class Tokenizer
{
    private const int CachedWordBytes = 32;
    private const int CachedWords = 1 << 17;

    private readonly byte[][] bytesOfToken;                                  // [V]
    private readonly int[] tokenOfByte = new int[256];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Token)> merges;
    private readonly ConcurrentDictionary<string, int[]> cache = new();      // word, one char a byte → its tokens
    private int cached;

    /// <param name="bytesOfToken">The bytes each id stands for; each of the 256 single bytes has an id.</param>
    /// <param name="mergesInOrder">Pairs of ids and the id they become, first learned first.</param>
    /// <param name="endOfText">Id of the token between documents.</param>
    internal Tokenizer(
        byte[][] bytesOfToken, IReadOnlyList<(int Left, int Right, int Token)> mergesInOrder, int endOfText)
    {
        this.bytesOfToken = bytesOfToken;
        EndOfText = endOfText;
        for (var id = bytesOfToken.Length - 1; id >= 0; id--)
        {
            if (bytesOfToken[id].Length == 1)
            {
                tokenOfByte[bytesOfToken[id][0]] = id;
            }
        }

        MergesInOrder = mergesInOrder;
        merges = new(mergesInOrder.Count);
        for (var rank = 0; rank < mergesInOrder.Count; rank++)
        {
            var (left, right, token) = mergesInOrder[rank];
            merges.TryAdd((left, right), (rank, token));
        }
    }

    /// <summary>Number of ids, the special token included.</summary>
    public int VocabularySize => bytesOfToken.Length;

    /// <summary>The id that separates documents.</summary>
    public int EndOfText { get; }

    internal IReadOnlyList<(int Left, int Right, int Token)> MergesInOrder { get; }

    /// <summary>Reads a Hugging Face <c>tokenizer.json</c>.</summary>
    /// <exception cref="BadInputException">Missing, damaged, or of a kind this class does not compute.</exception>
    public static Tokenizer Load(string path) => TokenizerFile.Load(path);

    /// <summary>Writes a Hugging Face <c>tokenizer.json</c>; the same tokenizer gives the same bytes.</summary>
    public void Save(string path) => TokenizerFile.Save(this, path);

    /// <summary>The token ids of a text.</summary>
    public List<int> Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    /// <summary>The token ids of a document, end of text at its end, as documents stand in a shard.</summary>
    public List<int> EncodeDocument(string text)
    {
        var ids = Encode(text);
        ids.Add(EndOfText);
        return ids;
    }

    /// <summary>The token ids of UTF-8 text or of any other bytes.</summary>
    public List<int> Encode(ReadOnlySpan<byte> utf8)
    {
        var ids = new List<int>(utf8.Length / 2);
        var lookup = cache.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> key = stackalloc char[CachedWordBytes];
        var words = new WordSplitter(utf8);
        for (var word = words.Next(); word.Length > 0; word = words.Next())
        {
            if (word.Length > CachedWordBytes)
            {
                ids.AddRange(Merge(word));
                continue;
            }

            var length = Encoding.Latin1.GetChars(word, key);
            if (!lookup.TryGetValue(key[..length], out var tokens))
            {
                tokens = Merge(word);
                if (cached < CachedWords && lookup.TryAdd(key[..length], tokens))
                {
                    Interlocked.Increment(ref cached);
                }
            }

            ids.AddRange(tokens);
        }

        return ids;
    }

    /// <summary>The bytes the ids stand for: exactly those that were encoded.</summary>
    public byte[] DecodeBytes(ReadOnlySpan<int> ids)
    {
        var bytes = new MemoryStream();
        foreach (var id in ids)
        {
            bytes.Write(BytesOf(id));
        }

        return bytes.ToArray();
    }

    /// <summary>The text of the ids; bytes that are not UTF-8 become U+FFFD.</summary>
    public string Decode(ReadOnlySpan<int> ids) => Encoding.UTF8.GetString(DecodeBytes(ids));

    /// <summary>The text each id adds, to print ids one by one (in colours, say). A character made of several tokens
    /// belongs to the last of them, the others add nothing; all pieces together are <see cref="Decode"/>.</summary>
    public string[] Pieces(ReadOnlySpan<int> ids)
    {
        var decoder = Encoding.UTF8.GetDecoder();
        var pieces = new string[ids.Length];
        Span<char> chars = stackalloc char[256];
        for (var i = 0; i < ids.Length; i++)
        {
            var bytes = BytesOf(ids[i]);
            var room = bytes.Length + 4 <= chars.Length ? chars : new char[bytes.Length + 4];
            pieces[i] = new string(room[..decoder.GetChars(bytes, room, flush: i == ids.Length - 1)]);
        }

        return pieces;
    }

    /// <summary>The bytes one id stands for.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => bytesOfToken[id];

    private int[] Merge(ReadOnlySpan<byte> word)
    {
        var tokens = new int[word.Length];
        for (var i = 0; i < word.Length; i++)
        {
            tokens[i] = tokenOfByte[word[i]];
        }

        return PairMerger.Merge(tokens, merges);
    }
}
