using System.Text.Json;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Tests.Data;

namespace CoMiGS.Learning.Tests.Aggregation;

/// <summary>The robust rules: median and trimmed mean of every coordinate.</summary>
public sealed class TrimmedMeanTests
{
    private const double Rounding = 1 / FixedPointSum.Units;

    /// <summary>Made by golden_robust.py beside this file; the first user is poisoned.</summary>
    [Fact]
    public void Combine_GoldenValues_GivesThoseOfTorch()
    {
        using var json = JsonDocument.Parse(
            File.ReadAllBytes(RepositoryFiles.At("tests/Learning.Tests/Aggregation/golden_robust.json")));
        var shared = new SharedParameters(Users.Layout(rank: 2), Sharing.Adapters);
        foreach (var golden in json.RootElement.EnumerateArray())
        {
            Upload[] users =
            [
                .. golden.GetProperty("values").EnumerateArray().Select((values, index) =>
                {
                    var padded = new float[shared.Length];
                    Numbers(values).Select(value => (float)value).ToArray().CopyTo(padded, 0);
                    return new Upload($"u{index:00}", 1, shared, padded);
                }),
            ];

            var median = AggregationRule.Median.Combine(users, shared);
            var trimmed = AggregationRule.TrimmedMean.Combine(users, shared, golden.GetProperty("trim").GetDouble());

            AssertNear(Numbers(golden.GetProperty("median")), median);
            AssertNear(Numbers(golden.GetProperty("trimmedMean")), trimmed);
        }
    }

    [Theory]
    [InlineData(AggregationRule.Median)]
    [InlineData(AggregationRule.TrimmedMean)]
    public void Combine_RandomUsersOfAnyRanks_IsTheNaiveRuleOverThoseWhoHaveTheCoordinate(AggregationRule rule)
    {
        for (var trial = 0; trial < 60; trial++)
        {
            var random = Randomness.Of(3, (ulong)trial);
            var uploads = RandomUsers(random, equalRanks: trial % 2 == 0);
            var trim = 0.499 * random.NextDouble();
            var server = uploads.MaxBy(upload => upload.Shared.Length)!.Shared;

            var ours = rule.Combine(uploads, server, trim);

            var naive = Enumerable.Range(0, server.Length).Select(_ => new List<double>()).ToArray();
            foreach (var upload in uploads)
            {
                foreach (var (place, value) in Placed(upload, server))
                {
                    naive[place].Add(value);
                }
            }

            AssertNear(naive.Select(values => rule == AggregationRule.Median ? Median(values) : Trimmed(values, trim)),
                ours);
        }
    }

    [Theory]
    [InlineData(AggregationRule.Median)]
    [InlineData(AggregationRule.TrimmedMean)]
    public void Combine_UsersInAnyOrder_IsBitIdentical(AggregationRule rule)
    {
        for (var trial = 0; trial < 20; trial++)
        {
            var random = Randomness.Of(4, (ulong)trial);
            var uploads = RandomUsers(random, equalRanks: false);
            foreach (var upload in uploads)
            {
                upload.Values[0] = random.NextDouble() < 0.5 ? 0f : -0f;   // equal, but not the same bits
            }

            var server = uploads.MaxBy(upload => upload.Shared.Length)!.Shared;
            var straight = rule.Combine(uploads, server, 0.2);

            Upload[] shuffled = [.. uploads.OrderBy(_ => random.NextDouble())];
            Assert.Equal(ContentHash.ToBytes(straight), ContentHash.ToBytes(rule.Combine(shuffled, server, 0.2)));
        }
    }

    [Fact]
    public void Combine_NothingTrimmed_IsTheMeanToTheBit()
    {
        Upload[] users = [.. Enumerable.Range(0, 7).Select(seed => Users.Random(seed, rank: 3, scale: 0.01f))];

        var trimmed = AggregationRule.TrimmedMean.Combine(users, users[0].Shared, trim: 0);

        Assert.Equal(
            ContentHash.ToBytes(AggregationRule.Mean.Combine(users, users[0].Shared)), ContentHash.ToBytes(trimmed));
    }

    [Theory]
    [InlineData(AggregationRule.Median)]
    [InlineData(AggregationRule.TrimmedMean)]
    public void Combine_MinoritySendsAnything_StaysAmongTheOthers(AggregationRule rule)
    {
        Upload[] honest = [.. Enumerable.Range(0, 4).Select(seed => Users.Random(seed, rank: 2))];
        Upload[] all =
        [
            .. honest,
            .. Enumerable.Range(4, 3).Select(seed => Users.Random(seed, rank: 2, scale: 20)),
        ];

        var combined = rule.Combine(all, honest[0].Shared, trim: 0.45);

        Assert.All(combined.Index(), coordinate => Assert.InRange(
            coordinate.Item, honest.Min(user => user.Values[coordinate.Index]) - 1e-6f,
            honest.Max(user => user.Values[coordinate.Index]) + 1e-6f));
    }

    [Theory]
    [InlineData(0, 10, 0)]
    [InlineData(0.1, 9, 0)]
    [InlineData(0.1, 30, 3)]
    [InlineData(0.29, 100, 29)]
    [InlineData(0.499999, 3, 1)]
    [InlineData(0.499999, 4, 1)]
    [InlineData(0.499999, 1, 0)]
    public void CutOf_Share_IsRoundedDownToWholeUsers(double trim, int users, int cut) =>
        Assert.Equal(cut, TrimmedMean.CutOf(trim, users));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(8, 3)]
    public void CutOfMedian_LeavesOneOrTwo(int users, int cut) =>
        Assert.Equal(cut, TrimmedMean.CutOfMedian(users));

    private static Upload[] RandomUsers(Randomness random, bool equalRanks) =>
    [
        .. Enumerable.Range(0, 1 + random.NextBelow(9)).Select(_ =>
            Users.Random(random.NextBelow(1_000_000), equalRanks ? 2 : 1 + random.NextBelow(4))),
    ];

    /// <summary>Every number of an upload and its place among the server's, by name, row and column.</summary>
    private static IEnumerable<(int Place, float Value)> Placed(Upload upload, SharedParameters server) =>
        from own in upload.Shared.All
        let theirs = server.All.Single(other => other.Parameter.Name == own.Parameter.Name)
        from row in Enumerable.Range(0, own.Parameter.Rows)
        from column in Enumerable.Range(0, own.Parameter.Columns)
        select (theirs.Start + (row * theirs.Parameter.Columns) + column,
            upload.Values[own.Start + (row * own.Parameter.Columns) + column]);

    private static double Median(List<double> values)
    {
        var ordered = values.Order().ToArray();
        var middle = ordered.Length / 2;
        return ordered.Length % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
    }

    private static double Trimmed(List<double> values, double trim)
    {
        var cut = (int)(trim * values.Count);
        return values.Order().Skip(cut).Take(values.Count - (2 * cut)).Average();
    }

    private static IEnumerable<double> Numbers(JsonElement list) =>
        list.EnumerateArray().Select(number => number.GetDouble());

    private static void AssertNear(IEnumerable<double> expected, float[] actual) =>
        Assert.All(expected.Zip(actual), pair =>
            Assert.Equal(pair.First, pair.Second, tolerance: (Math.Abs(pair.First) * 1e-7) + Rounding));
}
