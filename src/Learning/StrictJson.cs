using System.Text.Json;
using System.Text.Unicode;

namespace CoMiGS.Learning;

/// <summary>JSON that means the same to every reader: no key stands twice, and every text is text. The parser itself
/// finds half a surrogate pair, or bytes that are not UTF-8, only when that text is asked for.</summary>
internal static class StrictJson
{
    private const int DeepestNesting = 64;

    /// <exception cref="JsonException">It is not.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, int maxDepth = DeepestNesting)
    {
        if (!Utf8.IsValid(utf8.Span))
        {
            throw new JsonException("It is not UTF-8 text.");
        }

        try
        {
            CheckTexts(utf8.Span, maxDepth);
            return JsonDocument.Parse(utf8, new() { AllowDuplicateProperties = false, MaxDepth = maxDepth });
        }
        catch (InvalidOperationException error)
        {
            throw new JsonException("A text in it holds half a character.", error);
        }
    }

    private static void CheckTexts(ReadOnlySpan<byte> utf8, int maxDepth)
    {
        var reader = new Utf8JsonReader(utf8, new() { MaxDepth = maxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                reader.GetString();
            }
        }
    }
}
