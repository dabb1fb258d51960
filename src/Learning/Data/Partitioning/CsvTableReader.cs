namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>Documents out of a <see cref="CsvTable"/>.</summary>
internal static class CsvTableReader
{
    /// <exception cref="BadInputException">As the table's, no text column, or a blank text.</exception>
    public static IEnumerable<LabelledDocument> Read(string path, string delimiter, FieldNames fields)
    {
        using var table = CsvTable.Open(path, delimiter);
        var textColumn = table.RequireColumn(fields.Text);
        var (labelColumn, userColumn) = (table.ColumnOf(fields.Label), table.ColumnOf(fields.User));
        foreach (var row in table.Rows())
        {
            yield return row.At(textColumn) is { } text
                ? new LabelledDocument(text, row.At(labelColumn), row.At(userColumn), row.Where)
                : throw new BadInputException($"{row.Where}: the field '{fields.Text}' is empty.");
        }
    }
}
