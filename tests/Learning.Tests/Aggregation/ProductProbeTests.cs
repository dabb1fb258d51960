using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Tests.Aggregation;

public sealed class ProductProbeTests
{
    private static readonly SharedParameters Shared = new(Users.Layout(rank: 4), Sharing.Adapters);

    [Fact]
    public void Gap_MeanOfFactors_IsItsDistanceFromTheMeanOfProducts_WithinAFewPerCent()
    {
        Upload[] users = [.. Enumerable.Range(1, 4).Select(seed => Users.Random(seed, rank: 4))];
        var mean = AggregationRule.Mean.Combine(users, Shared);
        double difference = 0, size = 0;
        foreach (var (ofUsers, ofServer) in Users.MeanProducts(users).Zip(Users.Products(Shared, mean)))
        {
            difference += Math.Pow((ofUsers - ofServer).FrobeniusNorm(), 2);
            size += Math.Pow(ofUsers.FrobeniusNorm(), 2);
        }

        var exact = Math.Sqrt(difference / size);
        Assert.InRange(GapOf(users, mean)!.Value, 0.85 * exact, 1.15 * exact);
        Assert.InRange(exact, 0.2, 1);
    }

    /// <summary>FFA-LoRA's point: where A is common to all, the mean of products is the product of means.</summary>
    [Fact]
    public void Gap_CommonA_IsZero()
    {
        var a = Users.Values(9, Shared.Length);
        Upload[] users = [.. Enumerable.Range(1, 3).Select(seed => WithA(Users.Random(seed, rank: 4), a))];

        var mean = AggregationRule.Mean.Combine(users, Shared);

        Assert.InRange(GapOf(users, mean)!.Value, 0, 1e-6);
        foreach (var (ofUsers, ofServer) in Users.MeanProducts(users).Zip(Users.Products(Shared, mean)))
        {
            Assert.Equal(0, (ofUsers - ofServer).FrobeniusNorm(), tolerance: 1e-6 * ofUsers.FrobeniusNorm());
        }
    }

    [Fact]
    public void Gap_UsersWhoAgree_IsZero()
    {
        var user = Users.Random(1, rank: 4);

        Assert.InRange(GapOf([user, user with { User = "u2" }], user.Values)!.Value, 0, 1e-6);
    }

    [Theory]
    [InlineData(Sharing.FactorA)]
    [InlineData(Sharing.FactorB)]
    [InlineData(Sharing.Nothing)]
    public void Length_NoProductShared_IsZeroAndThereIsNoGap(Sharing sharing)
    {
        Assert.Equal(0, new ProductProbe(new(Users.Layout(rank: 4), sharing)).Length);
        Assert.Null(ProductProbe.Gap([], []));
    }

    [Fact]
    public void Gap_NothingLearnedYet_IsNull() => Assert.Null(ProductProbe.Gap([0, 0], [0, 0]));

    private static double? GapOf(IReadOnlyList<Upload> users, float[] server)
    {
        var probe = new ProductProbe(Shared);
        var probes = users.Select(user => probe.Of(user.Values)).ToArray();
        float[] mean = [.. Enumerable.Range(0, probe.Length).Select(i => probes.Average(values => values[i]))];
        return ProductProbe.Gap(mean, probe.Of(server));
    }

    private static Upload WithA(Upload user, float[] values)
    {
        var with = (float[])user.Values.Clone();
        foreach (var (parameter, start) in user.Shared.All.Where(shared => shared.Parameter.Factor == Factor.A))
        {
            values.AsSpan(start, parameter.Length).CopyTo(with.AsSpan(start));
        }

        return user with { Values = with };
    }
}
