using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

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

    private static readonly JsonSerializerOptions Whole = new(Lines)
    {
        Converters = { new WholeArrays() },
        RespectNullableAnnotations = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RequireObjects } },
    };

    private static readonly JsonSerializerOptions Pages = new(Lines) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Indented.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Pages);

    /// <summary>One line.</summary>
    public static string WriteLine<T>(T value) => JsonSerializer.Serialize(value, Lines);

    /// <summary>Reads what was written; nothing in it is null that may not be.</summary>
    /// <exception cref="JsonException">It was not.</exception>
    public static T? Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Whole);

    /// <summary>What may not be null may not be left out either. Numbers may: older files lack newer ones.</summary>
    private static void RequireObjects(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.AssociatedParameter is not null))
        {
            property.IsRequired |= property.PropertyType.IsValueType
                ? IsArray(property.PropertyType)
                : !property.IsSetNullable;
        }
    }

    private static bool IsArray(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>);

    /// <summary>Arrays that are there, as are their elements: nothing of ours has a null in a list.</summary>
    private sealed class WholeArrays : JsonConverterFactory
    {
        public override bool CanConvert(Type type) => IsArray(type);

        public override JsonConverter CreateConverter(Type type, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(type.GetGenericArguments()))!;

        private sealed class Of<T> : JsonConverter<ImmutableArray<T>>
        {
            public override ImmutableArray<T> Read(
                ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
                JsonSerializer.Deserialize<List<T>>(ref reader, options) is { } elements
                && elements.All(element => element is not null)
                    ? [.. elements]
                    : throw new JsonException("A list, or an element of one, is null.");

            public override void Write(
                Utf8JsonWriter writer, ImmutableArray<T> value, JsonSerializerOptions options) =>
                throw new NotSupportedException("It only reads.");
        }
    }

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
