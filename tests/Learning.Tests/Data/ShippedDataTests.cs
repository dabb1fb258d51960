using System.Text.Json;
using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Tests.Data;

/// <summary>The extract under data/ is whole, and its splits do not leak.</summary>
public sealed class ShippedDataTests
{
    private static readonly Tokenizer Tokenizer = Tokenizer.Load(RepositoryFiles.At("data/base/tokenizer.json"));
    private static readonly Dataset Languages = Dataset.Open(RepositoryFiles.At("data/languages"));
    private static readonly Dataset Domains = Dataset.Open(RepositoryFiles.At("data/domains"));

    [Fact]
    public void Domains_EveryShard_IsTheOneTheManifestDescribes()
    {
        Assert.Equal(["changelogs", "code", "guides", "manpages"], Domains.Users);
        Assert.Equal(Tokenizer.VocabularySize, Domains.VocabularySize);
        foreach (var user in Domains.Users)
        {
            Assert.InRange(Domains.OpenShard(user, Split.Train).Length, 250_000, 450_000);
            Assert.InRange(Domains.OpenShard(user, Split.Valid).Length, 60_000, 110_000);
            Assert.InRange(Domains.OpenShard(user, Split.Test).Length, 40_000, 80_000);
        }
    }

    [Fact]
    public void Languages_EveryShard_IsTheOneTheManifestDescribes()
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
        AssertNoSharedLine(Languages, user, shortest: 1);
    }

    /// <summary>Short lines of code and of manual pages repeat by nature.</summary>
    [Theory]
    [InlineData("guides", 1)]
    [InlineData("manpages", 25)]
    [InlineData("code", 60)]
    [InlineData("changelogs", 30)]
    public void Splits_OfOneDomain_ShareNoLongLine(string user, int shortest) =>
        AssertNoSharedLine(Domains, user, shortest);

    /// <summary>No document is in two splits, of two users, or of a user and of the larger base.</summary>
    [Fact]
    public void Documents_OfDomainsAndTheLargerBase_AreInOnePlace()
    {
        using var record = JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.At("data/domains.json")));
        var splits = record.RootElement.GetProperty("users").EnumerateObject().SelectMany(user =>
            user.Value.EnumerateObject().Select(split => (Place: $"{user.Name} {split.Name}", split.Value)));
        var kinds = record.RootElement.GetProperty("base").EnumerateObject().Where(kind => kind.Name.Length > 2)
            .Select(kind => (Place: $"base {kind.Name}", kind.Value));
        var placeOfDocument = new Dictionary<string, string>();
        foreach (var (place, documents) in splits.Concat(kinds))
        {
            foreach (var document in documents.GetProperty("documents").EnumerateArray())
            {
                Assert.True(placeOfDocument.TryAdd(document.GetString()!, place), $"{document} is in {place}, too.");
            }
        }

        Assert.True(placeOfDocument.Count > 3000);
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
    public void Sample_OfEveryUser_StandsInItsTestText()
    {
        foreach (var user in Languages.Users)
        {
            var sample = File.ReadAllText(RepositoryFiles.At($"data/languages/{user}/sample.txt"));
            Assert.Contains(sample, Text(Languages, user, Split.Test));
        }

        foreach (var user in Domains.Users)
        {
            var sample = File.ReadAllText(RepositoryFiles.At($"data/domains/{user}/sample.txt"));
            Assert.Contains(sample, Text(Domains, user, Split.Test));
        }
    }

    [Fact]
    public void Encode_DecodedShard_GivesTheShardAgain()
    {
        var ids = Ids(Languages, "fr", Split.Test);
        var documents = Tokenizer.Decode(ids).Split("<|endoftext|>")[..^1];
        Assert.Equal(ids, documents.SelectMany(text => Tokenizer.Encode(text).Append(Tokenizer.EndOfText)));
    }

    private static void AssertNoSharedLine(Dataset dataset, string user, int shortest)
    {
        var lines = Enum.GetValues<Split>().Select(split => Text(dataset, user, split).Split('\n')
            .Where(line => line.Length >= shortest).ToHashSet()).ToArray();
        Assert.Empty(lines[0].Intersect(lines[1]));
        Assert.Empty(lines[0].Intersect(lines[2]));
        Assert.Empty(lines[1].Intersect(lines[2]));
    }

    private static string Text(Dataset dataset, string user, Split split) =>
        Tokenizer.Decode(Ids(dataset, user, split)).Replace("<|endoftext|>", "\n");

    private static int[] Ids(Dataset dataset, string user, Split split)
    {
        var stream = dataset.OpenShard(user, split);
        var ids = new int[stream.Length];
        stream.CopyTo(0, ids);
        return ids;
    }
}
