using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>Tables with a header line, quoted as RFC 4180 says; blank lines are passed over.</summary>
internal static class CsvTableReader
{
    /// <exception cref="BadInputException">Missing, not UTF-8, no header or no text column in it, a row with wrong
    /// quotes or another number of fields, a blank text.</exception>
    public static IEnumerable<LabelledDocument> Read(string path, string delimiter, FieldNames fields)
    {
        var line = 1;
        using var text = new StringReader(InputFile.ReadText(path).TrimStart('\uFEFF'));
        using var parser = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter,
            IgnoreBlankLines = false,   // they count as lines
            BadDataFound = _ => throw new BadInputException(
                $"{path}:{line}: in the row from here on a quote stands where none may be; fields with quotes are "
                + "quoted, and the quotes in them doubled."),
        });
        if (!parser.Read())
        {
            throw new BadInputException($"{path} is empty; it should start with a header.");
        }

        var header = parser.Record!;
        var textColumn = ColumnOf(header, fields.Text);
        var (labelColumn, userColumn) = (ColumnOf(header, fields.Label), ColumnOf(header, fields.User));
        if (textColumn < 0)
        {
            throw new BadInputException(
                $"{path}:1: the column '{fields.Text}' is missing; there are {string.Join(", ", header)}.");
        }

        for (line = parser.RawRow + 1; parser.Read(); line = parser.RawRow + 1)
        {
            var row = parser.Record!;
            if (row is [""])
            {
                continue;
            }

            var where = $"{path}:{line}";
            if (row.Length != header.Length)
            {
                throw new BadInputException(
                    $"{where}: the row has {row.Length} fields, but the header has {header.Length}.");
            }

            yield return string.IsNullOrWhiteSpace(row[textColumn])
                ? throw new BadInputException($"{where}: the field '{fields.Text}' is empty.")
                : new LabelledDocument(row[textColumn], At(row, labelColumn), At(row, userColumn), where);
        }
    }

    private static int ColumnOf(string[] header, string name) => Array.IndexOf(header, name);

    private static string? At(string[] row, int column) =>
        column < 0 || string.IsNullOrWhiteSpace(row[column]) ? null : row[column];
}
