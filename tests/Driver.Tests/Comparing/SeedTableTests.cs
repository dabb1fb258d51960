using System.Collections.Immutable;
using CoMiGS.Driver.Comparing;
using CoMiGS.Results;

namespace CoMiGS.Driver.Tests.Comparing;

/// <summary>The arithmetic and the texts of a comparison, on figures a person can check.</summary>
public sealed class SeedTableTests
{
    private static readonly ComparedSource Source = new("tiny", "comigs-1g1s", "name: tiny\n", null, [], null);

    private static readonly LabelledRun[] Runs =
    [
        Run("comigs-1g1s", 42, 10, 20), Run("comigs-1g1s", 45, 12, 22), Run("comigs-1g1s", 47, 14, 24),
        Run("fedavg", 42, 11, 23), Run("fedavg", 45, 12, 24), Run("fedavg", 47, 16, 28),
    ];

    [Fact]
    public void Of_ThreeSeeds_HasMeanAndSampleDeviation()
    {
        var table = Assert.Single(SeedTable.Of(Runs));

        Assert.Equal(["pretrained", "fedavg", "comigs-1g1s"], table.Rows.Select(row => row.Name));
        var main = table.Rows[2];
        Assert.Equal((17, 2), (main.Mean.Mean, main.Mean.Deviation!.Value));   // 15, 17, 19
        Assert.Equal([12, 22], main.Users.Select(user => user.Mean));
        Assert.Null(main.Difference);
        Assert.Equal(100, main.BytesPerRound);   // 400 bytes of 2 users in 2 rounds
    }

    [Fact]
    public void Of_RivalOfTheSameSeeds_IsComparedSeedBySeed()
    {
        var rival = SeedTable.Of(Runs)[0].Rows[1];

        // 17, 18 and 22 against 15, 17 and 19: 2, 1 and 3.
        Assert.Equal((2, 1), (rival.Difference!.Mean, rival.Difference.Deviation!.Value));
        Assert.Equal("+2.00 ± 1.00", rival.Difference.Signed());
    }

    [Fact]
    public void Of_OneSeed_HasNoDeviation()
    {
        var table = SeedTable.Of([Runs[0]])[0];

        Assert.Equal("15.0", table.Rows[1].Mean.ToString());
        Assert.Null(table.Rows[1].Mean.Deviation);
    }

    [Fact]
    public void Of_SeveralSources_NamesThemAndComparesWithTheFirst()
    {
        var other = Source with { Label = "other" };
        var table = SeedTable.Of([Runs[0], Run("comigs-1g1s", 42, 11, 21) with { Source = other }])[0];

        Assert.Equal(
            ["tiny: pretrained", "other: pretrained", "tiny: comigs-1g1s", "other: comigs-1g1s"],
            table.Rows.Select(row => row.Name));
        Assert.Equal(1, table.Rows[3].Difference!.Mean);
    }

    [Fact]
    public void Of_OtherUsers_LeavesTheUsersOut()
    {
        var other = Run("fedavg", 42, 1, 2);
        var arm = other.Run.Summary.Arms[0];
        var renamed = arm with { Users = [.. arm.Users.Select(user => user with { Id = user.Id + "2" })] };
        var table = SeedTable.Of(
            [Runs[0], other with { Run = other.Run with { Summary = other.Run.Summary with { Arms = [renamed] } } }])
            .Single();

        Assert.Empty(table.Users);
        Assert.All(table.Rows, row => Assert.Empty(row.Users));
    }

    [Fact]
    public void Of_DivergedRun_IsADash()
    {
        var table = SeedTable.Of([Runs[0], Run("fedavg", 42, double.NaN, 3)])[0];

        Assert.Equal("-", table.Rows[1].Mean.ToString());
        Assert.Equal("-", table.Rows[1].Difference!.Signed());
        Assert.Contains("<svg", ComparisonPicture.Write([table]), StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_HasARowAMethodAndTheLowestInBold() => Assert.Equal(
        """
        Test perplexity, target: own; mean ± standard deviation over seeds.

        | method | mean | vs comigs-1g1s | a | b | sent a round |
        | --- | ---: | ---: | ---: | ---: | ---: |
        | pretrained | 45.0 |  | 40.0 | 50.0 | 0 B |
        | fedavg | 19.0 ± 2.6 | +2.00 ± 1.00 | 13.0 ± 2.6 | 25.0 ± 2.6 | 100 B |
        | comigs-1g1s | **17.0 ± 2.0** |  | 12.0 ± 2.0 | 22.0 ± 2.0 | 100 B |

        - rounds: 2 (a) → 3 (b)

        """,
        ComparisonText.Markdown(SeedTable.Of(Runs), ["rounds: 2 (a) → 3 (b)"]));

    [Fact]
    public void Csv_HasALineAUserInFull() => Assert.Equal(
        """
        run,method,target,seed,user,perplexity,basePerplexity
        tiny,fedavg,own,42,a,0.1,40
        tiny,fedavg,own,42,b,,50

        """,
        ComparisonText.Csv([Run("fedavg", 42, 0.1, double.NaN)]));

    [Fact]
    public void Picture_NamesOfMethods_AreEscaped() => Assert.Contains(
        "&lt;b&gt;", ComparisonPicture.Write(SeedTable.Of([Run("<b>", 1, 2, 3)])), StringComparison.Ordinal);

    [Fact]
    public void Differences_KeyByKey_SaysWhatIsWhere() => Assert.Equal(
        [
            "data.folder: (not set) (a) → x (b)", "rounds: 2 (a) → 3 (b)", "users: [{ id: a }] (a) → [{ id: b }] (b)",
        ],
        SettingDifferences.Of(
            [
                ("a", "name: a\nrounds: 2\nusers: [{ id: a }]\nbase: same\n"),
                ("b", "name: b\nrounds: 3\nusers: [{ id: b }]\nbase: same\ndata: { folder: x }\n"),
            ],
            "name"));

    [Fact]
    public void Differences_SameSettings_AreNone() =>
        Assert.Empty(SettingDifferences.Of([("a", "rounds: 2\n"), ("b", "rounds: 2\n")]));

    private static LabelledRun Run(string method, ulong seed, double a, double b)
    {
        ImmutableArray<UserSummary> users =
            [new("a", 2, 200, a, 40, []), new("b", 2, 200, b, 50, [])];
        var arm = new ArmSummary(method, method, "own", seed, 2, users, (a + b) / 2, 1000, 1, 400, 0, null);
        return new(Source, new("folder", "", new(
            "tiny", method, "own", seed, 2, users, (a + b) / 2, 1000, 0, 1, "1.0.0", null, [arm])));
    }
}
