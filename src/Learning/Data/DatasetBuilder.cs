namespace CoMiGS.Learning.Data;

/// <summary>
/// From plain text to shards. Text folders hold <c>USER/train.txt</c>, <c>valid.txt</c>, <c>test.txt</c> in UTF-8,
/// documents separated by a line that is one form feed; in the shard every document ends with the end-of-text token.
/// </summary>
public static class DatasetBuilder
{
    private static readonly string[] Separators = ["\f\n", "\f\r\n"];

    /// <summary>Encodes every folder of <paramref name="textDirectory"/>; writes shards and manifest.</summary>
    /// <exception cref="BadInputException">No user folder, or a user without one of the three texts.</exception>
    public static void Build(string textDirectory, Tokenizer tokenizer, string outputDirectory)
    {
        var shards = new Dictionary<(string User, Split Split), int[]>();
        foreach (var folder in Directory.EnumerateDirectories(textDirectory).Order(StringComparer.Ordinal))
        {
            foreach (var split in Enum.GetValues<Split>())
            {
                var path = Path.Combine(folder, $"{split.ToString().ToLowerInvariant()}.txt");
                shards[(Path.GetFileName(folder), split)] = Encode(ReadDocuments(path), tokenizer);
            }
        }

        if (shards.Count == 0)
        {
            throw new BadInputException($"{textDirectory} has no folder; every user is a folder with three texts.");
        }

        Dataset.Write(outputDirectory, tokenizer.VocabularySize, shards);
    }

    /// <summary>The documents of one text file.</summary>
    /// <exception cref="BadInputException">Missing, unreadable, empty, or not UTF-8.</exception>
    public static string[] ReadDocuments(string path) => InputFile.ReadText(path) is { Length: > 0 } text
        ? text.Split(Separators, StringSplitOptions.None)
        : throw new BadInputException($"{path} is empty; it should hold text.");

    private static int[] Encode(string[] documents, Tokenizer tokenizer) =>
        [.. documents.SelectMany(tokenizer.EncodeDocument)];
}
