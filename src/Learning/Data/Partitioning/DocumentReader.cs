namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>
/// Documents out of files, in the order of the inputs. By the end of the name: <c>.jsonl</c> and <c>.ndjson</c> hold a
/// JSON object a line, <c>.csv</c> and <c>.tsv</c> a table with a header, everything else is text with documents
/// separated by a line that is one form feed, whose label is the file's name. A folder holds such texts:
/// LABEL.txt, and LABEL/…/NAME.txt.
/// </summary>
public static class DocumentReader
{
    private const string TextExtension = ".txt";

    /// <summary>Every document of every input.</summary>
    /// <exception cref="BadInputException">A file that is missing, not UTF-8 or malformed, or a document that is blank:
    /// with file and line. A file without a document, or a folder without a text.</exception>
    public static List<LabelledDocument> Read(IEnumerable<string> inputs, FieldNames fields) =>
        [.. inputs.SelectMany(input => Directory.Exists(input) ? ReadFolder(input) : ReadFile(input, fields))];

    private static List<LabelledDocument> ReadFile(string path, FieldNames fields)
    {
        List<LabelledDocument> documents = [.. Documents(path, fields)];
        return documents.Count > 0
            ? documents
            : throw new BadInputException($"{path} has no document; it should hold at least one.");
    }

    private static IEnumerable<LabelledDocument> Documents(string path, FieldNames fields) =>
        Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".jsonl" or ".ndjson" => JsonLinesReader.Read(path, fields),
            ".csv" => CsvTableReader.Read(path, ",", fields),
            ".tsv" => CsvTableReader.Read(path, "\t", fields),
            _ => PlainTextReader.Read(path, Path.GetFileNameWithoutExtension(path)),
        };

    private static IEnumerable<LabelledDocument> ReadFolder(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*" + TextExtension, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0
            ? files.SelectMany(file => PlainTextReader.Read(file, LabelOf(Path.GetRelativePath(folder, file))))
            : throw new BadInputException(
                $"{folder} has no {TextExtension} file; it should hold LABEL{TextExtension} or "
                + $"LABEL/NAME{TextExtension}.");
    }

    private static string LabelOf(string relativePath) =>
        relativePath.Split(Path.DirectorySeparatorChar) is [var file]
            ? Path.GetFileNameWithoutExtension(file)
            : relativePath.Split(Path.DirectorySeparatorChar)[0];
}
