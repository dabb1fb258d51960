using System.Text.Json;

namespace CoMiGS.Learning.Replay;

/// <summary>Typed access to a run.json; every failure names the file and the key.</summary>
internal sealed class RecordedJson(JsonElement json, string path, string prefix = "")
{
    public RecordedJson Section(string key) =>
        new(Require(key, JsonValueKind.Object, "an object"), path, $"{prefix}{key}.");

    public RecordedJson? SectionOrNull(string key) => json.TryGetProperty(key, out _) ? Section(key) : null;

    public int Integer(string key, int least, int most) =>
        IsInteger(Require(key, JsonValueKind.Number, Whole(least, most)), least, most, out var number)
            ? number
            : throw Wrong(key, Whole(least, most));

    public double Number(string key) => Require(key, JsonValueKind.Number, "a number").GetDouble();

    public string Text(string key) => Require(key, JsonValueKind.String, "a text").GetString()!;

    public string TextOr(string key, string missing) => json.TryGetProperty(key, out _) ? Text(key) : missing;

    public bool Flag(string key) =>
        json.TryGetProperty(key, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Wrong(key, "true or false");

    public int[] Integers(string key, int least, int most)
    {
        var values = Require(key, JsonValueKind.Array, "a list").EnumerateArray().ToArray();
        return [.. values.Select(value =>
            IsInteger(value, least, most, out var number)
                ? number
                : throw Wrong(key, $"a list, each {Whole(least, most)}"))];
    }

    public double[] Numbers(string key)
    {
        var values = Require(key, JsonValueKind.Array, "a list").EnumerateArray().ToArray();
        return [.. values.Select(value =>
            value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Wrong(key, "a list of numbers"))];
    }

    public double[] NumbersOr(string key, double[] missing) =>
        json.TryGetProperty(key, out _) ? Numbers(key) : missing;

    private static bool IsInteger(JsonElement value, int least, int most, out int number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number) && number >= least
            && number <= most;
    }

    private static string Whole(int least, int most) => $"a whole number from {least} to {most}";

    private JsonElement Require(string key, JsonValueKind kind, string needed) =>
        json.TryGetProperty(key, out var value) && value.ValueKind == kind ? value : throw Wrong(key, needed);

    private BadInputException Wrong(string key, string needed) => new(
        json.TryGetProperty(key, out var value)
            ? $"{path}: '{prefix}{key}' is {value.GetRawText()}, but must be {needed}."
            : $"{path}: the key '{prefix}{key}' is missing.");
}
