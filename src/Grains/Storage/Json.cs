using System.Text.Json;
using System.Text.Json.Serialization;
using CoMiGS.Learning;

namespace CoMiGS.Grains.Storage;

/// <summary>State as JSON: legible, and the same for every build of the actors.</summary>
public static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        IgnoreReadOnlyProperties = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
        WriteIndented = true,
    };

    public static byte[] ToBytes<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <exception cref="BadInputException">The bytes are no such value; the message names the file.</exception>
    public static T FromBytes<T>(ReadOnlySpan<byte> bytes, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, Options)
                ?? throw new BadInputException($"{name}: the state is empty.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new BadInputException($"{name}: the state is not valid: {error.Message}", error);
        }
    }
}
