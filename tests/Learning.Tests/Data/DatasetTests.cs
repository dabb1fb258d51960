using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Tests.Data;

public sealed class DatasetTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("dataset").FullName;

    public DatasetTests() => Dataset.Write(directory, 10, new Dictionary<(string, Split), int[]>
    {
        [("fr", Split.Train)] = [1, 2, 3],
        [("de", Split.Train)] = [4, 5],
        [("de", Split.Test)] = [6],
    });

    private string Shard => Path.Combine(directory, "de", "train.bin");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void OpenShard_WrittenDataset_GivesUsersAndTokens()
    {
        var dataset = Dataset.Open(directory);
        Assert.Equal(["de", "fr"], dataset.Users);
        Assert.Equal(10, dataset.VocabularySize);
        Assert.Equal(3, dataset.OpenShard("fr", Split.Train).Length);
        Assert.Equal(6, dataset.OpenShard("de", Split.Test)[0]);
    }

    [Fact]
    public void OpenShard_FlippedByte_NamesTheShard()
    {
        File.WriteAllBytes(Shard, [4, 0, 7, 0]);
        AssertRefused("train.bin was changed: its SHA-256 is");
    }

    [Fact]
    public void OpenShard_CutByte_NamesBothLengths()
    {
        File.WriteAllBytes(Shard, [4, 0, 5]);
        AssertRefused("has 3 bytes, but dataset.json says 2 tokens");
    }

    [Fact]
    public void OpenShard_MissingFile_NamesIt()
    {
        File.Delete(Shard);
        AssertRefused("train.bin: there is no such file");
    }

    [Fact]
    public void OpenShard_UnknownUserOrSplit_ListsTheUsers()
    {
        var dataset = Dataset.Open(directory);
        Assert.Contains("no test shard of user 'fr'", Message(() => dataset.OpenShard("fr", Split.Test)));
        Assert.Contains("it has the users de, fr", Message(() => dataset.OpenShard("es", Split.Train)));
    }

    [Theory]
    [InlineData("\"tokens\"", "\"token\"", "the key 'users.de.test.token' is not known")]
    [InlineData("\"tokens\": 1,", "", "the key 'users.de.test.tokens' is missing")]
    [InlineData("\"vocabularySize\": 10,", "", "the key 'vocabularySize' is missing")]
    [InlineData("10", "\"ten\"", "'vocabularySize' is \"ten\", but must be a whole number from 1 to")]
    [InlineData("{", "", "not valid JSON at line ")]
    public void Open_DamagedManifest_NamesFileKeyAndValue(string from, string to, string words)
    {
        var path = Path.Combine(directory, Dataset.ManifestName);
        var text = File.ReadAllText(path);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        File.WriteAllText(path, text[..at] + to + text[(at + from.Length)..]);
        Assert.StartsWith($"{path}: {words}", Message(() => Dataset.Open(directory)));
    }

    /// <summary>What is checked must be what a run reads, and never anything outside the folder.</summary>
    [Theory]
    [InlineData(
        "\"de/train.bin\"", "\"/dev/zero\"", "'users.de.train.file' is '/dev/zero', but must be 'de/train.bin'")]
    [InlineData("\"de/train.bin\"", "\"../de/train.bin\"", "but must be 'de/train.bin'")]
    [InlineData("\"de/train.bin\"", "\"de/test.bin\"", "but must be 'de/train.bin'")]
    [InlineData("\"de\"", "\"..\"", "'users....test.file'")]
    [InlineData("\"fr\": {", "\"fr\": null, \"it\": {", "'users.fr' is null, but must be an object")]
    [InlineData("\"fr\"", "\"de\"", "not valid JSON")]
    public void Open_ShardElsewhere_IsRefused(string from, string to, string words)
    {
        var path = Path.Combine(directory, Dataset.ManifestName);
        File.WriteAllText(path, File.ReadAllText(path).Replace(from, to, StringComparison.Ordinal));
        var message = Message(() => Dataset.Open(directory));
        Assert.StartsWith(path, message);
        Assert.Contains(words, message);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(-2)]
    public void Open_TokensThatNoFileHas_IsRefused(long tokens)
    {
        var path = Path.Combine(directory, Dataset.ManifestName);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"tokens\": 2", $"\"tokens\": {tokens}"));
        Assert.Contains(
            $"'users.de.train.tokens' is {tokens}, but must be a whole number from 0",
            Message(() => Dataset.Open(directory)));
    }

    [Fact]
    public void Build_TextFolders_EndsEveryDocumentWithEndOfText()
    {
        var text = Directory.CreateDirectory(Path.Combine(directory, "text", "xx")).FullName;
        foreach (var split in new[] { "train", "valid", "test" })
        {
            File.WriteAllText(Path.Combine(text, $"{split}.txt"), "one\n\f\ntwo\n");
        }

        var tokenizer = TokenizerTrainer.Train(["one two one two"], 260);
        DatasetBuilder.Build(Path.GetDirectoryName(text)!, tokenizer, Path.Combine(directory, "built"));
        var stream = Dataset.Open(Path.Combine(directory, "built")).OpenShard("xx", Split.Valid);
        var ids = new int[stream.Length];
        stream.CopyTo(0, ids);
        Assert.Equal("one\n<|endoftext|>two\n<|endoftext|>", tokenizer.Decode(ids));
    }

    private void AssertRefused(string expected)
    {
        var dataset = Dataset.Open(directory);
        Assert.Contains(expected, Message(() => dataset.OpenShard("de", Split.Train)));
    }

    private static string Message(Action action) => Assert.Throws<BadInputException>(action).Message;
}
