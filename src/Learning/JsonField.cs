using System.Globalization;
using System.Text.Json;

namespace CoMiGS.Learning;

/// <summary>A value of a JSON file and where it stands there; whatever is wrong with it names both, and the value.
/// </summary>
/// <param name="File">Its path, or what a blob is.</param>
/// <param name="Key">Dotted, with numbers of items in brackets; empty: the top.</param>
internal readonly record struct JsonField(string File, string Key, JsonElement Value)
{
    /// <exception cref="BadInputException">As for <see cref="InputFile.ReadJson"/>.</exception>
    public static JsonField Read(string path) => new(path, "", InputFile.ReadJson(path));

    /// <exception cref="BadInputException">Missing, or this is no object.</exception>
    public JsonField this[string name] =>
        Find(name) ?? throw new BadInputException($"{File}: the key '{Below(name)}' is missing.");

    /// <summary>Null: missing.</summary>
    /// <exception cref="BadInputException">This is no object.</exception>
    public JsonField? Find(string name) =>
        Object().TryGetProperty(name, out var value) ? new(File, Below(name), value) : null;

    /// <summary>What is in an object, by name.</summary>
    /// <exception cref="BadInputException">This is no object.</exception>
    public IEnumerable<(string Name, JsonField Field)> Entries()
    {
        foreach (var entry in Object().EnumerateObject())
        {
            yield return (entry.Name, new(File, Below(entry.Name), entry.Value));
        }
    }

    /// <summary>What is in a list.</summary>
    /// <exception cref="BadInputException">This is none.</exception>
    public IEnumerable<JsonField> Items()
    {
        Require(Value.ValueKind == JsonValueKind.Array, "a list");
        var number = 0;
        foreach (var item in Value.EnumerateArray())
        {
            yield return new(File, string.Create(CultureInfo.InvariantCulture, $"{Key}[{number++}]"), item);
        }
    }

    /// <exception cref="BadInputException">No text.</exception>
    public string Text()
    {
        Require(Value.ValueKind == JsonValueKind.String, "a text");
        return Value.GetString()!;
    }

    /// <exception cref="BadInputException">Neither true nor false.</exception>
    public bool Flag()
    {
        Require(Value.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false");
        return Value.GetBoolean();
    }

    /// <exception cref="BadInputException">No number.</exception>
    public double Number()
    {
        Require(Value.ValueKind == JsonValueKind.Number, "a number");
        return Value.GetDouble();
    }

    /// <exception cref="BadInputException">Not a whole number, or outside [least, most].</exception>
    public int Whole(int least, int most)
    {
        var number = 0;
        Require(
            Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out number) && number >= least
                && number <= most,
            $"a whole number from {least} to {most}");
        return number;
    }

    /// <exception cref="BadInputException">No list of numbers.</exception>
    public double[] Numbers() => [.. Items().Select(item => item.Number())];

    /// <exception cref="BadInputException">No list, or an item is not a whole number of [least, most].</exception>
    public int[] Wholes(int least, int most) => [.. Items().Select(item => item.Whole(least, most))];

    /// <exception cref="BadInputException">This is no object, or has another key.</exception>
    public void RequireOnly(params string[] names)
    {
        if (Entries().FirstOrDefault(entry => !names.Contains(entry.Name)) is { Name: { } other })
        {
            throw new BadInputException(
                $"{File}: the key '{Below(other)}' is not known; there are {string.Join(", ", names)}.");
        }
    }

    private JsonElement Object()
    {
        Require(Value.ValueKind == JsonValueKind.Object, "an object");
        return Value;
    }

    private void Require(bool holds, string wanted)
    {
        if (!holds)
        {
            throw new BadInputException(
                $"{File}: {(Key.Length == 0 ? "the top" : $"'{Key}'")} is {Value.GetRawText()}, but must be {wanted}.");
        }
    }

    private string Below(string name) => Key.Length == 0 ? name : $"{Key}.{name}";
}
