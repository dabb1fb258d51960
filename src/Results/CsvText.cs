using System.Globalization;

namespace CoMiGS.Results;

/// <summary>Figures as CSV, RFC 4180: a comma between cells, a point in numbers, empty where there is no figure.
/// </summary>
internal static class CsvText
{
    /// <summary>Lines with their ends, the headings first.</summary>
    public static IEnumerable<string> Lines(IEnumerable<string> headings, IEnumerable<IEnumerable<object?>> rows) =>
        rows.Select(row => string.Join(',', row.Select(Cell))).Prepend(string.Join(',', headings))
            .Select(line => line + "\n");

    private static string Cell(object? value) => value switch
    {
        null or float.NaN or double.NaN => "",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var other => Quoted(other.ToString()!),
    };

    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\n\r")
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;
}
