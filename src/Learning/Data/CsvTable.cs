using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace CoMiGS.Learning.Data;

/// <summary>A table with a header line, quoted as RFC 4180 says; blank lines are passed over.</summary>
public sealed class CsvTable : IDisposable
{
    private readonly string path;
    private readonly CsvParser parser;
    private readonly string[] header;
    private int line = 1;

    private CsvTable(string path, string delimiter)
    {
        this.path = path;
        var text = InputFile.ReadText(path);
        parser = new(new StringReader(text), new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter,
            IgnoreBlankLines = false,   // they count as lines
            BadDataFound = _ => throw new BadInputException(
                $"{path}:{line}: in the row from here on a quote stands where none may be; fields with quotes are "
                + "quoted, and the quotes in them doubled."),
        });
        header = parser.Read()
            ? parser.Record!
            : throw new BadInputException($"{path} is empty; it should start with a header.");
    }

    public IReadOnlyList<string> Header => header;

    /// <exception cref="BadInputException">Missing, not UTF-8, or without a header.</exception>
    public static CsvTable Open(string path, string delimiter) => new(path, delimiter);

    /// <summary>-1: there is none of that name.</summary>
    /// <exception cref="BadInputException">There are several.</exception>
    public int ColumnOf(string name) => Array.IndexOf(header, name) is var column
        && column == Array.LastIndexOf(header, name)
        ? column
        : throw new BadInputException($"{path}:1: the column '{name}' stands there twice.");

    /// <exception cref="BadInputException">The table has no such column; the message lists those it has.</exception>
    public int RequireColumn(string name) => ColumnOf(name) is var column and >= 0
        ? column
        : throw new BadInputException(
            $"{path}:1: the column '{name}' is missing; there are {string.Join(", ", header)}.");

    /// <summary>The rows after the header; once.</summary>
    /// <exception cref="BadInputException">A row with wrong quotes or another number of fields.</exception>
    public IEnumerable<CsvRow> Rows()
    {
        for (line = parser.RawRow + 1; parser.Read(); line = parser.RawRow + 1)
        {
            var row = parser.Record!;
            if (row is [""])
            {
                continue;
            }

            var where = $"{path}:{line}";
            yield return row.Length == header.Length
                ? new(where, row)
                : throw new BadInputException(
                    $"{where}: the row has {row.Length} fields, but the header has {header.Length}.");
        }
    }

    public void Dispose() => parser.Dispose();
}

/// <param name="Where">For messages: FILE:LINE.</param>
public sealed record CsvRow(string Where, string[] Fields)
{
    /// <summary>Null: no such column, or blank.</summary>
    public string? At(int column) =>
        column < 0 || string.IsNullOrWhiteSpace(Fields[column]) ? null : Fields[column];
}
