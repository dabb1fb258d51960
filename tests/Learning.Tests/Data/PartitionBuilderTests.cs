using CoMiGS.Learning.Data;
using CoMiGS.Learning.Data.Partitioning;

namespace CoMiGS.Learning.Tests.Data;

public sealed class PartitionBuilderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("partition").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Build_AnySeed_PutsEveryDocumentIntoOneSplitOfOneUser(ulong seed)
    {
        var documents = Corpus.Of(500);
        var summary = Build(documents, Options(new DirichletPartitioner(5, 1, seed), seed));

        var written = summary.Users.SelectMany(user => Enum.GetValues<Split>().SelectMany(
            split => TextsOf(user.User, split))).ToArray();
        Assert.Equal(documents.Select(document => document.Text).Order(), written.Order());
        Assert.Equal(documents.Length, summary.Users.Sum(user => user.Documents));
    }

    [Fact]
    public void Build_Fractions_AreKeptInTokensOfEveryUser()
    {
        var summary = Build(Corpus.Of(500), Options(FieldPartitioner.ByUser));
        Assert.All(summary.Users, user =>
        {
            double total = user.Tokens.Train + user.Tokens.Valid + user.Tokens.Test;
            Assert.InRange(user.Tokens.Train / total, 0.57, 0.63);
            Assert.InRange(user.Tokens.Valid / total, 0.27, 0.33);
            Assert.Equal(user.Tokens.Test, Dataset.Open(folder).OpenShard(user.User, Split.Test).Length);
            Assert.Equal(1, user.LabelShares.Values.Sum(), 1e-9);
        });
    }

    [Fact]
    public void Build_SameSeedTwice_WritesTheSameBytes()
    {
        Build(Corpus.Of(300), Options(new DirichletPartitioner(3, 1, 7)));
        var once = Files();
        Build(Corpus.Of(300), Options(new DirichletPartitioner(3, 1, 7)));
        Assert.Equal(once, Files());
        Build(Corpus.Of(300), Options(new DirichletPartitioner(3, 1, 7), seed: 8));
        Assert.NotEqual(once, Files());
    }

    [Fact]
    public void Build_TextThatStandsTwice_IsTakenOnce()
    {
        var documents = Corpus.Of(100);
        var summary = Build([.. documents, documents[3] with { User = "writer 0" }], Options(FieldPartitioner.ByUser));
        Assert.Equal(1, summary.RepeatedDocuments);
        Assert.Equal(100, summary.Users.Sum(user => user.Documents));
    }

    [Fact]
    public void Build_ThreeDocuments_GivesEverySplitOne()
    {
        LabelledDocument[] documents = [Document("a", 1), Document("b", 1000), Document("c", 1)];
        var user = Assert.Single(Build(documents, Options(FieldPartitioner.ByLabel)).Users);
        Assert.Equal([2, 2, 1001], new[] { user.Tokens.Train, user.Tokens.Valid, user.Tokens.Test }.Order());
    }

    [Fact]
    public void Build_UserWithTooFewDocuments_IsNamed() => Assert.StartsWith(
        "User 'l' has 2 documents, but train, valid and test need one each",
        Message([Document("a", 9), Document("b", 9)], Options(FieldPartitioner.ByLabel)));

    [Fact]
    public void Build_UserWithTooFewTokens_IsNamedWithTheShard() => Assert.Matches(
        "^User 'l' has 3 documents and 10 tokens in (train|valid|test), but needs at least 11 there",
        Message(
            [Document("a", 9), Document("b", 9), Document("c", 9)],
            Options(FieldPartitioner.ByLabel) with { MinTokens = 11 }));

    [Fact]
    public void Build_UsersWithoutADocument_AreNamed() => Assert.Contains(
        "has 0 documents", Message(Corpus.Of(40), Options(new DirichletPartitioner(40, 1e-6, 1))));

    [Fact]
    public void Build_SmallUsersDropped_WritesTheOthers()
    {
        LabelledDocument[] documents = [.. Corpus.Of(100), Document("a", 9)];
        var summary = Build(documents, Options(FieldPartitioner.ByLabel) with { SmallUsers = SmallUsers.Drop });
        Assert.Equal(["l"], summary.DroppedUsers);
        Assert.Equal(["a", "b", "c", "d"], Dataset.Open(folder).Users);
        Assert.StartsWith("None of the 1 users has", Message(
            [Document("a", 9)], Options(FieldPartitioner.ByLabel) with { SmallUsers = SmallUsers.Drop }));
    }

    [Theory]
    [InlineData("80:10:10", 0.8)]
    [InlineData("8:1:1", 0.8)]
    [InlineData("1:1:0.5", 0.4)]
    public void Parse_ThreeParts_AreFractions(string text, double train) =>
        Assert.Equal(train, SplitFractions.Parse(text)!.Train, 1e-12);

    [Theory]
    [InlineData("")]
    [InlineData("80:20")]
    [InlineData("80:20:0")]
    [InlineData("80:10:-10")]
    [InlineData("a:b:c")]
    [InlineData("1e308:1e308:1")]
    [InlineData("NaN:1:1")]
    public void Parse_AnythingElse_IsRefused(string text) => Assert.Null(SplitFractions.Parse(text));

    private static LabelledDocument Document(string letter, int length) =>
        new(string.Concat(Enumerable.Repeat(letter, length)), "l", null, "f:1");

    private static PartitionOptions Options(IPartitioner partitioner, ulong seed = 1) => new()
    {
        Partitioner = partitioner,
        Fractions = SplitFractions.Parse("60:30:10")!,
        Seed = seed,
        MinTokens = 1,
        SmallUsers = SmallUsers.Refuse,
    };

    private PartitionSummary Build(LabelledDocument[] documents, PartitionOptions options) =>
        PartitionBuilder.Build(documents, Corpus.Bytes, options, folder);

    private string Message(LabelledDocument[] documents, PartitionOptions options) =>
        Assert.Throws<BadInputException>(() => Build(documents, options)).Message;

    private string[] TextsOf(string user, Split split)
    {
        var stream = Dataset.Open(folder).OpenShard(user, split);
        var ids = new int[stream.Length];
        stream.CopyTo(0, ids);
        return Corpus.Bytes.Decode(ids).Split("<|endoftext|>")[..^1];
    }

    private string[] Files() => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(path => path + Convert.ToHexString(File.ReadAllBytes(path)))];
}
