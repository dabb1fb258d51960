using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests.Aggregation;

/// <summary>HetLoRA's rule.</summary>
public sealed class ZeroPaddedMeanTests
{
    [Fact]
    public void Combine_EqualRanksAndNorms_IsFedAvg()
    {
        // The same numbers with other signs have the same norms: ‖B A‖ does not see a component's sign.
        var first = Users.Random(1, rank: 4);
        Upload[] users = [first, first with { User = "u2", Values = [.. first.Values.Select(value => -value)] }];
        users = [.. users, first with { User = "u3" }];

        var ours = AggregationRule.ZeroPad.Combine(users, first.Shared);
        var mean = AggregationRule.Mean.Combine(users, first.Shared);

        Assert.All(ours.Zip(mean), pair => Assert.Equal(pair.Second, pair.First, tolerance: 1e-6f));
    }

    [Fact]
    public void Combine_DifferentRanks_PadsWithZerosAndWeighsByNorm()
    {
        Upload[] users = [Users.Random(1, rank: 2, scale: 0.2f), Users.Random(2, rank: 4, scale: 0.5f)];
        var server = users[1].Shared;

        var ours = AggregationRule.ZeroPad.Combine(users, server);

        var norms = users.Select(user => Math.Sqrt(Users.Products(user.Shared, user.Values)
            .Zip(user.Shared.All.Where((_, index) => index % 2 == 0), (product, a) =>
                Math.Pow(product.FrobeniusNorm() / user.Shared.Layout.Adapters.ScaleOf(a.Parameter.Site), 2))
            .Sum())).ToArray();
        var small = RankFit.Of(users[0].Values, users[0].Shared, server);
        for (var i = 0; i < ours.Length; i++)
        {
            var expected = ((norms[0] * small[i]) + (norms[1] * users[1].Values[i])) / norms.Sum();
            Assert.Equal(expected, ours[i], tolerance: 1e-6);
        }

        Assert.InRange(AggregationRule.ZeroPad.Weights(users)[1], 0.6, 1);
    }

    [Fact]
    public void Combine_NothingLearnedYet_WeighsAllAlike()
    {
        Upload[] users = [Users.Random(1, rank: 2, scale: 0), Users.Random(2, rank: 2, scale: 0)];

        Assert.Equal([0.5, 0.5], AggregationRule.ZeroPad.Weights(users));
    }

    /// <summary>A round of low ranks only leaves the server's further components empty. Who received them as they are
    /// would have zeros in A and B, and no gradient ever again.</summary>
    [Theory]
    [InlineData(AggregationRule.ZeroPad)]
    [InlineData(AggregationRule.Product)]
    public void Receive_ComponentsNobodyHad_KeepTheUsersOwnA(AggregationRule rule)
    {
        var server = new SharedParameters(Users.Layout(rank: 4), Sharing.Adapters);
        var user = UserModel.Start(server.Layout.Adapters, Users.Values(5, server.Layout.Length));
        var sent = rule.Combine([Users.Random(1, rank: 2)], server);

        var received = new Exchange(server, server, rule, new(Kept: 0.99, Weight: 0.1)).Receive(user, sent);

        Assert.Equal(4, RankPruning.ActiveRank(server.Layout, received.Parameters));
        var a = server.Layout[AdapterSite.MlpInput, Factor.A, 0];
        var last = (a.Offset + (3 * a.Columns))..(a.Offset + (4 * a.Columns));
        Assert.Equal(user.Parameters[last], received.Parameters[last]);
        Assert.NotEqual(user.Parameters[a.Offset], received.Parameters[a.Offset]);
    }

    [Fact]
    public void Fit_ThereAndBack_KeepsTheComponentsOfTheSmallerRank()
    {
        var user = Users.Random(1, rank: 2);
        var server = new SharedParameters(Users.Layout(rank: 5), Sharing.Adapters);

        var padded = AggregationRule.ZeroPad.Fit(user.Values, user.Shared, server);

        Assert.Equal(user.Values, AggregationRule.ZeroPad.Fit(padded, server, user.Shared));
        Assert.Equal(user.Values.Count(value => value != 0), padded.Count(value => value != 0));
    }
}
