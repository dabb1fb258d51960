using System.Text.Json;

namespace CoMiGS.Learning.Model;

/// <summary>Where a tensor lies in the data part of its file.</summary>
internal readonly record struct SafetensorsEntry(string Type, int[] Shape, int Start, int ByteCount);

/// <summary>Reads and checks a safetensors header: every tensor inside the data, sizes that match type and shape, no
/// gap and no overlap.</summary>
internal static class SafetensorsHeader
{
    /// <summary>Of a tensor, for the arithmetic: far above what a file can hold, and its product with any size is still
    /// exact.</summary>
    private static readonly Int128 MostBytes = (Int128)1 << 62;

    private static readonly Dictionary<string, int> TypeBytes = new()
    {
        ["F64"] = 8, ["F32"] = 4, ["F16"] = 2, ["BF16"] = 2, ["I64"] = 8, ["I32"] = 4, ["I16"] = 2, ["I8"] = 1,
        ["U64"] = 8, ["U32"] = 4, ["U16"] = 2, ["U8"] = 1, ["BOOL"] = 1,
    };

    public static string NameOf(FloatType type) => type == FloatType.Bfloat16 ? "BF16" : "F32";

    public static int BytesOf(FloatType type) => TypeBytes[NameOf(type)];

    public static (Dictionary<string, SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Read(
        ReadOnlyMemory<byte> header, int dataBytes, string file)
    {
        Dictionary<string, SafetensorsEntry> entries = [];
        Dictionary<string, string> metadata = [];
        try
        {
            using var document = StrictJson.Parse(header, maxDepth: 8);
            foreach (var (name, field) in new JsonField(file, "", document.RootElement).Entries())
            {
                if (name == "__metadata__")
                {
                    metadata = field.Entries().ToDictionary(entry => entry.Name, entry => entry.Field.Text());
                }
                else
                {
                    entries.Add(name, ReadEntry(name, field));
                }
            }
        }
        catch (JsonException error)
        {
            throw new BadInputException(
                $"{file}: the safetensors header is not valid JSON{InputFile.Where(error)}.", error);
        }

        RequireNoGaps(entries, dataBytes, file);
        return (entries, metadata);
    }

    private static SafetensorsEntry ReadEntry(string name, JsonField tensor)
    {
        var type = tensor["dtype"].Text();
        if (!TypeBytes.TryGetValue(type, out var typeBytes))
        {
            throw new BadInputException($"{tensor.File}: tensor '{name}' has the unknown type '{type}'.");
        }

        int[] shape = [.. tensor["shape"].Items().Select(size => size.Whole(0, int.MaxValue))];
        int[] offsets = [.. tensor["data_offsets"].Items().Select(offset => offset.Whole(0, int.MaxValue))];
        if (offsets is not [var start, var end] || end < start)
        {
            throw new BadInputException(
                $"{tensor.File}: tensor '{name}' has data_offsets [{string.Join(", ", offsets)}], but must have a "
                + "begin and an end behind it.");
        }

        var needed = shape.Aggregate((Int128)typeBytes, (product, size) => Int128.Min(product * size, MostBytes));
        return needed == end - start
            ? new(type, shape, start, end - start)
            : throw new BadInputException(
                $"{tensor.File}: tensor '{name}' of type {type} and shape [{string.Join(", ", shape)}] needs "
                + $"{needed}{(needed == MostBytes ? " or more" : "")} bytes, but its data_offsets span {end - start}.");
    }

    private static void RequireNoGaps(Dictionary<string, SafetensorsEntry> entries, int dataBytes, string file)
    {
        var expected = 0L;
        foreach (var (name, entry) in entries.OrderBy(pair => pair.Value.Start).ThenBy(pair => pair.Value.ByteCount))
        {
            if (entry.Start != expected)
            {
                throw new BadInputException(
                    $"{file}: tensor '{name}' begins at byte {entry.Start} of the data, "
                    + $"but the one before ends at {expected}.");
            }

            expected += entry.ByteCount;
        }

        if (expected != dataBytes)
        {
            throw new BadInputException(
                $"{file}: the header describes {expected} bytes of tensors, but the file holds {dataBytes}.");
        }
    }
}
