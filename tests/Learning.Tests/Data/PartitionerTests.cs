using CoMiGS.Learning.Data;
using CoMiGS.Learning.Data.Partitioning;

namespace CoMiGS.Learning.Tests.Data;

public sealed class PartitionerTests
{
    private static readonly LabelledDocument[] Documents = Corpus.Of(600);

    public static TheoryData<string, ulong> RulesAndSeeds => new(
        from rule in new[] { "label", "user", "dirichlet", "power", "lognormal" }
        from seed in new ulong[] { 0, 1, 42 }
        select (rule, seed));

    [Theory]
    [MemberData(nameof(RulesAndSeeds))]
    public void Assign_AnyRule_GivesEveryDocumentOneOfTheUsers(string rule, ulong seed)
    {
        var (users, userOf) = Rule(rule, seed).Assign(Documents);
        Assert.Equal(Documents.Length, userOf.Count);
        Assert.All(userOf, user => Assert.InRange(user, 0, users.Count - 1));
        Assert.Equal(users.Order(StringComparer.Ordinal).Distinct(), users);
    }

    [Theory]
    [MemberData(nameof(RulesAndSeeds))]
    public void Assign_DocumentsInAnotherOrder_GivesEachTheSameUser(string rule, ulong seed)
    {
        var (_, forwards) = Rule(rule, seed).Assign(Documents);
        var (_, backwards) = Rule(rule, seed).Assign([.. Documents.Reverse()]);
        Assert.Equal(forwards, backwards.Reverse());
    }

    [Theory]
    [InlineData("dirichlet")]
    [InlineData("power")]
    [InlineData("lognormal")]
    public void Assign_AnotherSeed_GivesAnotherPartition(string rule) =>
        Assert.NotEqual(Rule(rule, 1).Assign(Documents).UserOf, Rule(rule, 2).Assign(Documents).UserOf);

    [Fact]
    public void ByLabel_IsTheLabel() => AssertNames(FieldPartitioner.ByLabel, document => document.Label!);

    /// <summary>The natural partition. A space cannot stand in a folder's name of a run file.</summary>
    [Fact]
    public void ByUser_IsTheWriter() =>
        AssertNames(FieldPartitioner.ByUser, document => document.User!.Replace(' ', '-'));

    [Fact]
    public void ByLabel_TwoLabelsWithOneName_SaysWhere()
    {
        LabelledDocument[] both = [new("x", "Sci/Tech", null, "f:1"), new("y", "Sci Tech", null, "f:2")];
        Assert.Equal(
            "f:2: the labels 'Sci/Tech' and 'Sci Tech' would both be user 'Sci-Tech'.",
            Message(() => FieldPartitioner.ByLabel.Assign(both)));
    }

    [Theory]
    [InlineData("///")]
    [InlineData("日本")]
    [InlineData("..")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234x")]
    public void ByLabel_LabelThatIsNoName_SaysWhere(string label) => Assert.StartsWith(
        $"f:1: '{label}' cannot name a user",
        Message(() => FieldPartitioner.ByLabel.Assign([new("x", label, null, "f:1")])));

    [Theory]
    [InlineData("label", "label")]
    [InlineData("user", "user")]
    [InlineData("dirichlet", "label")]
    public void Assign_DocumentWithoutWhatTheRuleGoesBy_SaysWhere(string rule, string what)
    {
        LabelledDocument[] documents = [Documents[0], new("x", null, null, "f:7")];
        Assert.Equal(
            $"f:7: the document has no {what}, and this partition goes by it.",
            Message(() => Rule(rule, 1).Assign(documents)));
    }

    [Theory]
    [InlineData(1e5)]
    [InlineData(1e-6)]
    public void Dirichlet_ExtremeAlpha_IsEvenOrConcentrated(double alpha)
    {
        var (users, userOf) = new DirichletPartitioner(4, alpha, seed: 5).Assign(Documents);
        Assert.Equal(["user-1", "user-2", "user-3", "user-4"], users);
        foreach (var label in Enumerable.Range(0, Documents.Length).ToLookup(i => Documents[i].Label))
        {
            var shares = Enumerable.Range(0, 4)
                .Select(user => label.Count(i => userOf[i] == user) / (double)label.Count());
            Assert.All(shares, share => Assert.True(alpha > 1 ? Math.Abs(share - 0.25) < 0.03 : share is 0 or 1));
        }
    }

    /// <summary>Mean 1/n and variance (1/n)(1 − 1/n)/(nα + 1), within four standard errors.</summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(3)]
    public void Draw_ManyTimes_HasMeanAndVarianceOfTheDistribution(double alpha)
    {
        const int Users = 4;
        const int Draws = 20_000;
        var random = Randomness.Of(9);
        var first = Enumerable.Range(0, Draws).Select(_ => Dirichlet.Draw(random, alpha, Users)[0]).ToArray();
        var variance = 1.0 / Users * (1 - (1.0 / Users)) / ((Users * alpha) + 1);
        var deviation = Math.Sqrt(variance / Draws);
        Assert.InRange(first.Average() - (1.0 / Users), -4 * deviation, 4 * deviation);
        var squares = first.Select(share => (share - (1.0 / Users)) * (share - (1.0 / Users))).ToArray();
        var error = Math.Sqrt(squares.Select(x => (x - variance) * (x - variance)).Average() / Draws);
        Assert.InRange(squares.Average() - variance, -4 * error, 4 * error);
    }

    [Fact]
    public void BySize_PowerLaw_KeepsTheMixtureAndTheSizes()
    {
        var (_, userOf) = new SizePartitioner(3, SizeLaw.Power, spread: 1, seed: 2).Assign(Documents);
        double[] shares = [6 / 11.0, 3 / 11.0, 2 / 11.0];   // 1, 1/2, 1/3
        foreach (var label in Enumerable.Range(0, Documents.Length).ToLookup(i => Documents[i].Label))
        {
            for (var user = 0; user < 3; user++)
            {
                var expected = shares[user] * label.Count();
                Assert.InRange(label.Count(i => userOf[i] == user), expected - 1, expected + 1);
            }
        }
    }

    [Fact]
    public void BySize_NoSpread_IsTheSameForAll()
    {
        var (_, userOf) = new SizePartitioner(4, SizeLaw.Lognormal, spread: 0, seed: 2).Assign(Documents);
        Assert.All(userOf.CountBy(user => user), count => Assert.InRange(count.Value, 146, 154));
    }

    /// <summary>Rounding favours nobody: with one document a label, all users get some.</summary>
    [Fact]
    public void BySize_ManyRareLabels_FavoursNobody()
    {
        LabelledDocument[] rare = [.. Documents.Select((document, i) => document with { Label = $"{i}" })];
        var (_, userOf) = new SizePartitioner(3, SizeLaw.Power, spread: 0, seed: 2).Assign(rare);
        Assert.All(userOf.CountBy(user => user), count => Assert.InRange(count.Value, 150, 250));
    }

    private static IPartitioner Rule(string name, ulong seed) => name switch
    {
        "label" => FieldPartitioner.ByLabel,
        "user" => FieldPartitioner.ByUser,
        "dirichlet" => new DirichletPartitioner(12, 0.5, seed),
        "power" => new SizePartitioner(5, SizeLaw.Power, 1, seed),
        _ => new SizePartitioner(5, SizeLaw.Lognormal, 1, seed),
    };

    private static void AssertNames(IPartitioner rule, Func<LabelledDocument, string> nameOf)
    {
        var (users, userOf) = rule.Assign(Documents);
        Assert.Equal(Documents.Select(nameOf), userOf.Select(user => users[user]));
    }

    private static string Message(Action action) => Assert.Throws<BadInputException>(action).Message;
}
