using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace CoMiGS.Learning.Model;

/// <summary>A tensor to be written: [rows, columns], or [length] when <paramref name="Rows"/> is 0.</summary>
/// <param name="Type">As which it is written.</param>
public readonly record struct TensorToWrite(
    string Name, int Rows, int Columns, ReadOnlyMemory<float> Values, FloatType Type = FloatType.Float32)
{
    internal int ByteCount => checked(Values.Length * SafetensorsHeader.BytesOf(Type));
}

/// <summary>Writes safetensors: the same tensors and metadata give the same bytes.</summary>
public static class SafetensorsWriter
{
    /// <summary>The whole file as bytes, tensors in the order given.</summary>
    /// <exception cref="ArgumentException">A tensor's values do not fill its shape.</exception>
    public static byte[] ToBytes(
        IReadOnlyCollection<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var header = Header(tensors, metadata);
        var padded = (header.Length + 7) / 8 * 8;
        var bytes = new byte[checked(8 + padded + tensors.Sum(tensor => tensor.ByteCount))];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)padded);
        header.CopyTo(bytes.AsSpan(8));
        bytes.AsSpan(8 + header.Length, padded - header.Length).Fill((byte)' ');
        var rest = bytes.AsSpan(8 + padded);
        foreach (var tensor in tensors)
        {
            Write(tensor, rest[..tensor.ByteCount]);
            rest = rest[tensor.ByteCount..];
        }

        return bytes;
    }

    private static void Write(TensorToWrite tensor, Span<byte> bytes)
    {
        if (tensor.Type == FloatType.Bfloat16)
        {
            Bfloat16.Narrow(tensor.Values.Span, MemoryMarshal.Cast<byte, ushort>(bytes));
        }
        else
        {
            MemoryMarshal.AsBytes(tensor.Values.Span).CopyTo(bytes);
        }
    }

    private static byte[] Header(
        IReadOnlyCollection<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            var start = 0L;
            foreach (var tensor in tensors)
            {
                start = WriteEntry(json, tensor, start);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static long WriteEntry(Utf8JsonWriter json, TensorToWrite tensor, long start)
    {
        var (name, rows, columns, values, type) = tensor;
        if (values.Length != (rows == 0 ? columns : rows * columns))
        {
            throw new ArgumentException(
                $"Tensor '{name}' has {values.Length} values, but its shape is [{rows}, {columns}].");
        }

        var end = start + tensor.ByteCount;
        json.WriteStartObject(name);
        json.WriteString("dtype", SafetensorsHeader.NameOf(type));
        json.WriteStartArray("shape");
        if (rows > 0)
        {
            json.WriteNumberValue(rows);
        }

        json.WriteNumberValue(columns);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(start);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }
}
