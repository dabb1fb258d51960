using System.Text.Json;
using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Tests.Data;

/// <summary>The extract under data/ is whole, and its splits do not leak.</summary>
public sealed class ShippedDataTests
{
    private static readonly Tokenizer Tokenizer = Tokenizer.Load(RepositoryFiles.At("data/base/tokenizer.json"));
    private static readonly Dataset Languages = Dataset.Open(RepositoryFiles.At("data/languages"));

    [Fact]
    public void Dataset_EveryShard_IsTheOneTheManifestDescribes()
    {
        Assert.Equal(["de", "fr", "it", "nl"], Languages.Users);
        Assert.Equal(Tokenizer.VocabularySize, Languages.VocabularySize);
        foreach (var user in Languages.Users)
        {
            Assert.InRange(Languages.OpenShard(user, Split.Train).Length, 350_000, 450_000);
            Assert.InRange(Languages.OpenShard(user, Split.Valid).Length, 50_000, 110_000);
            Assert.InRange(Languages.OpenShard(user, Split.Test).Length, 50_000, 80_000);
        }
    }

    [Theory]
    [InlineData("de")]
    [InlineData("fr")]
    [InlineData("it")]
    [InlineData("nl")]
    public void Splits_OfOneLanguage_ShareNoLine(string user)
    {
        var lines = Enum.GetValues<Split>().Select(split => Text(user, split).Split('\n').ToHashSet()).ToArray();
        Assert.All(lines, set => set.Remove(""));
        Assert.Empty(lines[0].Intersect(lines[1]));
        Assert.Empty(lines[0].Intersect(lines[2]));
        Assert.Empty(lines[1].Intersect(lines[2]));
    }

    /// <summary>The guides are translations of each other: a chapter to be tested in one language must not be trained
    /// on in another.</summary>
    [Fact]
    public void Splits_OfAllLanguages_PutAChapterIntoTheSameSplit()
    {
        var splitOfChapter = new Dictionary<string, string>();
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.At("data/corpus.json")));
        foreach (var language in corpus.RootElement.EnumerateObject())
        {
            foreach (var split in language.Value.EnumerateObject())
            {
                foreach (var chapter in split.Value.GetProperty("chapters").EnumerateArray())
                {
                    splitOfChapter.TryAdd(chapter.GetString()!, split.Name);
                    Assert.Equal(splitOfChapter[chapter.GetString()!], split.Name);
                }
            }
        }

        Assert.True(splitOfChapter.Count > 500);
    }

    [Fact]
    public void Sample_OfEveryLanguage_StandsInItsTestText()
    {
        foreach (var user in Languages.Users)
        {
            var sample = File.ReadAllText(RepositoryFiles.At($"data/languages/{user}/sample.txt"));
            Assert.Contains(sample, Text(user, Split.Test));
        }
    }

    [Fact]
    public void Encode_DecodedShard_GivesTheShardAgain()
    {
        var ids = Ids("fr", Split.Test);
        var documents = Tokenizer.Decode(ids).Split("<|endoftext|>")[..^1];
        Assert.Equal(ids, documents.SelectMany(text => Tokenizer.Encode(text).Append(Tokenizer.EndOfText)));
    }

    private static string Text(string user, Split split) =>
        Tokenizer.Decode(Ids(user, split)).Replace("<|endoftext|>", "\n");

    private static int[] Ids(string user, Split split)
    {
        var stream = Languages.OpenShard(user, split);
        var ids = new int[stream.Length];
        stream.CopyTo(0, ids);
        return ids;
    }
}
