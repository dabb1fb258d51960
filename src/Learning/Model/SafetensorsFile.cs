using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CoMiGS.Learning.Model;

/// <summary>A safetensors file or blob (Hugging Face's format): an 8-byte little-endian header length, a JSON header,
/// and tensors without gaps or overlaps. The header is checked whole on opening, before anything is allocated by
/// it.</summary>
public sealed class SafetensorsFile
{
    private const int HeaderBytesMax = 100 << 20;
    private readonly ReadOnlyMemory<byte> data;
    private readonly Dictionary<string, SafetensorsEntry> entries;

    private SafetensorsFile(
        string name, ReadOnlyMemory<byte> data, Dictionary<string, SafetensorsEntry> entries,
        IReadOnlyDictionary<string, string> metadata)
    {
        Name = name;
        this.data = data;
        this.entries = entries;
        Metadata = metadata;
    }

    /// <summary>For error messages: the path, or what the blob is.</summary>
    public string Name { get; }

    /// <summary>The header's __metadata__; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    public IReadOnlyCollection<string> TensorNames => entries.Keys;

    /// <exception cref="BadInputException">Missing, unreadable, larger than 2 GiB, or not a well-formed
    /// file.</exception>
    public static SafetensorsFile Open(string path) => Parse(InputFile.ReadBytes(path), path);

    /// <exception cref="BadInputException">Not a well-formed file.</exception>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        if (bytes.Length < 8)
        {
            throw new BadInputException($"{name}: {bytes.Length} bytes, but a safetensors file has at least 8.");
        }

        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span);
        if (headerLength > (ulong)Math.Min(HeaderBytesMax, bytes.Length - 8))
        {
            throw new BadInputException(
                $"{name}: the header claims {headerLength} bytes, "
                + $"but the file has {bytes.Length - 8} after its length field.");
        }

        var header = bytes.Slice(8, (int)headerLength);
        var data = bytes[(8 + (int)headerLength)..];
        var (entries, metadata) = SafetensorsHeader.Read(header, data.Length, name);
        return new(name, data, entries, metadata);
    }

    public bool Contains(string tensor) => entries.ContainsKey(tensor);

    /// <summary>Dimensions of a tensor.</summary>
    /// <exception cref="BadInputException">The file has no such tensor.</exception>
    public IReadOnlyList<int> Shape(string tensor) => Entry(tensor).Shape;

    /// <summary>A tensor as float32, row-major; F16, BF16 and F64 are converted.</summary>
    /// <exception cref="BadInputException">No such tensor, another shape, or a type that is not a float.</exception>
    public float[] Floats(string tensor, params ReadOnlySpan<int> shape)
    {
        var entry = Entry(tensor);
        if (!shape.SequenceEqual(entry.Shape.AsSpan()))
        {
            throw new BadInputException(
                $"{Name}: tensor '{tensor}' is [{string.Join(", ", entry.Shape)}], "
                + $"but the model needs [{string.Join(", ", shape.ToArray())}].");
        }

        var bytes = data.Span.Slice(entry.Start, entry.ByteCount);
        return entry.Type switch
        {
            "F32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            "F16" => Convert<Half>(bytes, static value => (float)value),
            "BF16" => Widen(MemoryMarshal.Cast<byte, ushort>(bytes)),
            "F64" => Convert<double>(bytes, static value => (float)value),
            _ =>
                throw new BadInputException($"{Name}: tensor '{tensor}' has type {entry.Type}, but a float is needed."),
        };
    }

    /// <summary>As <see cref="Floats(string, ReadOnlySpan{int})"/>, of this type and no other.</summary>
    /// <exception cref="BadInputException">No such tensor, another shape, or another type.</exception>
    public float[] Floats(FloatType type, string tensor, params ReadOnlySpan<int> shape)
    {
        Require(tensor, SafetensorsHeader.NameOf(type));
        return Floats(tensor, shape);
    }

    /// <summary>A tensor of 64-bit integers.</summary>
    /// <exception cref="BadInputException">No such tensor, or another type.</exception>
    public long[] Longs(string tensor) => Exact<long>(tensor, "I64");

    /// <summary>A tensor of 64-bit floats.</summary>
    /// <exception cref="BadInputException">No such tensor, or another type.</exception>
    public double[] Doubles(string tensor) => Exact<double>(tensor, "F64");

    private static float[] Convert<T>(ReadOnlySpan<byte> bytes, Func<T, float> convert)
        where T : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, T>(bytes);
        var target = new float[source.Length];
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = convert(source[i]);
        }

        return target;
    }

    private static float[] Widen(ReadOnlySpan<ushort> values)
    {
        var wide = new float[values.Length];
        Bfloat16.Widen(values, wide);
        return wide;
    }

    private T[] Exact<T>(string tensor, string type)
        where T : unmanaged
    {
        var entry = Require(tensor, type);
        return MemoryMarshal.Cast<byte, T>(data.Span.Slice(entry.Start, entry.ByteCount)).ToArray();
    }

    private SafetensorsEntry Require(string tensor, string type) =>
        Entry(tensor) is var entry && entry.Type == type
            ? entry
            : throw new BadInputException($"{Name}: tensor '{tensor}' has type {entry.Type}, but {type} is needed.");

    private SafetensorsEntry Entry(string tensor) =>
        entries.TryGetValue(tensor, out var entry)
            ? entry
            : throw new BadInputException($"{Name}: there is no tensor '{tensor}'.");
}
