namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>Texts whose documents are separated by a line that is one form feed; nothing may follow the last
/// separator.</summary>
internal static class PlainTextReader
{
    /// <exception cref="BadInputException">Missing, not UTF-8, or a blank document.</exception>
    public static IEnumerable<LabelledDocument> Read(string path, string label)
    {
        var line = 1;
        var documents = DatasetBuilder.ReadDocuments(path);
        for (var i = 0; i < documents.Length; i++)
        {
            var text = documents[i];
            if (text.Length == 0 && i > 0 && i == documents.Length - 1)
            {
                yield break;
            }

            yield return string.IsNullOrWhiteSpace(text)
                ? throw new BadInputException($"{path}:{line}: the document is empty.")
                : new LabelledDocument(text, label, User: null, $"{path}:{line}");
            line += text.Count(c => c == '\n') + 1;
        }
    }
}
