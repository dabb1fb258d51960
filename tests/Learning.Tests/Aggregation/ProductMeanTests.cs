using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Tests.Aggregation;

/// <summary>FlexLoRA's rule.</summary>
public sealed class ProductMeanTests
{
    private static readonly Upload[] Uploads =
        [Users.Random(1, rank: 2, weight: 1), Users.Random(2, rank: 5, weight: 0.25), Users.Random(3, rank: 3, 0.5)];

    private static readonly SharedParameters Server = new(Users.Layout(rank: 5), Sharing.Adapters);

    /// <summary>Eckart–Young: the error of the best part of rank r is the root of the squares of the singular values
    /// from r on.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Fit_AnyRank_IsTheBestPartOfTheMeanOfProducts(int rank)
    {
        var user = new SharedParameters(Users.Layout(rank, attentionRank: 3), Sharing.Adapters);
        var sent = AggregationRule.Product.Combine(Uploads, Server);

        var received = AggregationRule.Product.Fit(sent, Server, user);

        foreach (var (mean, ours) in Users.MeanProducts(Uploads).Zip(Users.Products(user, received)))
        {
            var singular = mean.Svd().S;
            var kept = ours.Svd().S.Count(value => value > 1e-4 * singular[0]);
            Assert.InRange(kept, 1, Math.Max(rank, 3));
            var least = Math.Sqrt(singular.Skip(kept).Sum(value => value * value));
            Assert.Equal(least, (mean - ours).FrobeniusNorm(), tolerance: 1e-5 * singular[0]);
        }
    }

    [Fact]
    public void Combine_RankLargeEnough_IsTheMeanOfProducts()
    {
        var server = new SharedParameters(Users.Layout(rank: 10, attentionRank: 9), Sharing.Adapters);

        var sent = AggregationRule.Product.Combine(Uploads, server);

        foreach (var (mean, ours) in Users.MeanProducts(Uploads).Zip(Users.Products(server, sent)))
        {
            Assert.Equal(0, (mean - ours).FrobeniusNorm(), tolerance: 1e-5 * mean.FrobeniusNorm());
        }
    }

    [Fact]
    public void Combine_OneUser_LeavesItsProductsAsTheyAre()
    {
        var user = Users.Random(4, rank: 4);

        var sent = AggregationRule.Product.Combine([user], user.Shared);

        foreach (var (before, after) in Users.Products(user.Shared, user.Values)
            .Zip(Users.Products(user.Shared, sent)))
        {
            Assert.Equal(0, (before - after).FrobeniusNorm(), tolerance: 1e-5 * before.FrobeniusNorm());
        }
    }

    [Fact]
    public void Combine_NothingLearnedYet_SendsZeros()
    {
        var users = new[] { 1, 2 }.Select(seed => Users.Random(seed, rank: 3, scale: 0)).ToArray();

        Assert.All(AggregationRule.Product.Combine(users, users[0].Shared), value => Assert.Equal(0, value));
    }
}
