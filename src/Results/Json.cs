using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CoMiGS.Results;

/// <summary>JSON as every command writes it: camelCase, numbers that are not finite as null.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Lines = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteOrNull(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly JsonSerializerOptions Pages = new(Lines) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Indented.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Pages);

    /// <summary>One line.</summary>
    public static string WriteLine<T>(T value) => JsonSerializer.Serialize(value, Lines);

    /// <summary>Reads what was written.</summary>
    /// <exception cref="JsonException">It was not.</exception>
    public static T? Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Lines);

    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
