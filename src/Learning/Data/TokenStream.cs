using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CoMiGS.Learning.Data;

/// <summary>
/// A read-only sequence of token ids: one shard (train, valid or test) of one user, or a part of it. The file is
/// nanoGPT's <c>.bin</c>: unsigned 16-bit little-endian ids, nothing else. Held in memory (2 bytes a token) and safe to
/// read from any number of threads.
/// </summary>
public sealed class TokenStream
{
    private readonly ReadOnlyMemory<ushort> tokens;

    private TokenStream(string name, ReadOnlyMemory<ushort> tokens, int vocabularySize)
    {
        Name = name;
        this.tokens = tokens;
        VocabularySize = vocabularySize;
    }

    /// <summary>Where the tokens come from, for messages: the file's path.</summary>
    public string Name { get; }

    /// <summary>Number of tokens, at least 1 for a file.</summary>
    public long Length => tokens.Length;

    /// <summary>Every id is below this.</summary>
    public int VocabularySize { get; }

    /// <summary>The token at <paramref name="position"/>, 0 ≤ position &lt; <see cref="Length"/>.</summary>
    public int this[long position] => tokens.Span[checked((int)position)];

    /// <summary>Reads a shard and checks it.</summary>
    /// <exception cref="BadInputException">Missing, empty, cut in the middle of a token, or an id that is not below
    /// <paramref name="vocabularySize"/> (1 … 65,536).</exception>
    public static TokenStream Open(string path, int vocabularySize) =>
        Parse(path, InputFile.ReadBytes(path), vocabularySize);

    /// <summary>Tokens that are already in memory, checked as a file would be.</summary>
    public static TokenStream Of(string name, ReadOnlyMemory<ushort> tokens, int vocabularySize)
    {
        CheckIds(name, tokens.Span, vocabularySize);
        return new TokenStream(name, tokens, vocabularySize);
    }

    /// <summary>Writes ids as a shard file.</summary>
    /// <exception cref="BadInputException">An id does not fit into 16 bits.</exception>
    public static void Write(string path, ReadOnlySpan<int> ids)
    {
        var bytes = new byte[2L * ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            if (ids[i] is < 0 or > ushort.MaxValue)
            {
                throw new BadInputException(
                    $"{path}: token {i} is {ids[i]}, but a shard holds ids from 0 to {ushort.MaxValue}.");
            }

            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), (ushort)ids[i]);
        }

        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Copies the tokens from <paramref name="start"/> on, filling <paramref name="destination"/>.</summary>
    public void CopyTo(long start, Span<int> destination)
    {
        var source = tokens.Span.Slice(checked((int)start), destination.Length);
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = source[i];
        }
    }

    /// <summary>The part [<paramref name="start"/>, start + <paramref name="length"/>), without a copy.</summary>
    public TokenStream Slice(long start, long length) =>
        new(Name, tokens.Slice(checked((int)start), checked((int)length)), VocabularySize);

    internal static TokenStream Parse(string name, byte[] bytes, int vocabularySize)
    {
        if (bytes.Length == 0)
        {
            throw new BadInputException($"{name} is empty; a shard holds at least one 2-byte token.");
        }

        if (bytes.Length % 2 != 0)
        {
            throw new BadInputException(
                $"{name} has {bytes.Length} bytes, an odd number: a shard holds 2 a token, so it was cut or damaged.");
        }

        var ids = MemoryMarshal.Cast<byte, ushort>(bytes).ToArray();
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(ids, ids);
        }

        return Of(name, ids, vocabularySize);
    }

    private static void CheckIds(string name, ReadOnlySpan<ushort> ids, int vocabularySize)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            if (ids[i] >= vocabularySize)
            {
                throw new BadInputException(
                    $"{name}: token {i} (byte {2L * i}) is {ids[i]}, but the vocabulary ends at {vocabularySize - 1}.");
            }
        }
    }
}
