using System.Text;
using System.Text.Json;

namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>Files with a JSON object a line; blank lines are passed over.</summary>
internal static class JsonLinesReader
{
    /// <exception cref="BadInputException">Missing, not UTF-8, a line that is no JSON object, a field that is missing
    /// or of another kind, a blank text.</exception>
    public static IEnumerable<LabelledDocument> Read(string path, FieldNames fields)
    {
        var number = 0;
        foreach (var line in InputFile.ReadText(path).Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Parse(line, fields, $"{path}:{number}");
            }
        }
    }

    private static LabelledDocument Parse(string line, FieldNames fields, string where)
    {
        try
        {
            using var document = StrictJson.Parse(Encoding.UTF8.GetBytes(line));
            var json = document.RootElement;
            return json.ValueKind == JsonValueKind.Object
                ? new(
                    Text(json, fields.Text, where), Name(json, fields.Label, where), Name(json, fields.User, where),
                    where)
                : throw new BadInputException($"{where}: the line must be a JSON object.");
        }
        catch (JsonException error)
        {
            throw new BadInputException($"{where}: the line is not valid JSON.", error);
        }
    }

    private static string Text(JsonElement json, string key, string where)
    {
        if (!json.TryGetProperty(key, out var value))
        {
            throw new BadInputException($"{where}: the field '{key}' is missing.");
        }

        return value.ValueKind != JsonValueKind.String
            ? throw new BadInputException($"{where}: the field '{key}' must be text.")
            : string.IsNullOrWhiteSpace(value.GetString())
                ? throw new BadInputException($"{where}: the field '{key}' is empty.")
                : value.GetString()!;
    }

    private static string? Name(JsonElement json, string key, string where) =>
        !json.TryGetProperty(key, out var value) ? null : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.Null => null,
            _ => throw new BadInputException($"{where}: the field '{key}' must be text or a number."),
        };
}
