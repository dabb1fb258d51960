using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Tests.Aggregation;

public sealed class FixedPointSumTests
{
    private const int Length = 37;   // no multiple of any vector width

    private static readonly ParameterLayout Layout =
        ParameterLayout.Of(new ModelShape(1, 1, 4, 8, 8), new AdapterShape(2, 2, 2, 16, 2, true));

    private static readonly SharedParameters Shared = new(Layout, Sharing.Everything);

    [Fact]
    public void Mean_AnyOrderAndGrouping_IsBitIdentical()
    {
        var users = Enumerable.Range(0, 9).Select(Values).ToArray();
        var straight = SumOf(users);
        var reversed = SumOf(users.Reverse());
        var grouped = SumOf(users[..2]);
        grouped.Add(FixedPointSum.FromBytes(SumOf(users[2..7]).ToBytes(), 5));
        grouped.Add(SumOf(users[7..]));

        Assert.Equal(straight.Mean(9), reversed.Mean(9));
        Assert.Equal(straight.Mean(9), grouped.Mean(9));
        Assert.Equal(9, grouped.Count);
    }

    [Fact]
    public void Mean_IsTheMeanInDoubles_WithinOneUnitPerUser()
    {
        var users = Enumerable.Range(0, 9).Select(Values).ToArray();

        var mean = SumOf(users).Mean(9);

        for (var i = 0; i < Length; i++)
        {
            var exact = users.Average(user => (double)user[i]);
            Assert.Equal(exact, mean[i], tolerance: Math.Abs(exact) * 1e-7 + (1 / FixedPointSum.Units));
        }
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.PositiveInfinity, 20)]
    [InlineData(-128f, 36)]
    [InlineData(3e38f, 5)]
    public void Add_ValueOutOfRange_NamesUserAndParameterAndAddsNothing(float bad, int index)
    {
        var sum = SumOf([Values(0)]);
        var before = sum.ToBytes();
        var values = Values(1);
        values[index] = bad;

        var error = Assert.Throws<DivergedException>(() => sum.Add("fr", 1, values, Shared));

        var parameter = Layout.Parameters.Last(candidate => candidate.Offset <= index);
        Assert.Equal(("fr", parameter.Name), (error.User, error.Parameter));
        Assert.Contains(
            $"{parameter.Name}[{index - parameter.Offset}] of user 'fr'", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, sum.ToBytes());
    }

    [Fact]
    public void Add_LargestValuesUpToTheLimitOfUsers_DoesNotOverflow()
    {
        var almost = MathF.BitDecrement(FixedPointSum.MagnitudeLimit);
        var sum = new FixedPointSum(1);
        for (var user = 0; user < FixedPointSum.CountLimit; user++)
        {
            sum.Add("u", 1, [almost], Shared);
        }

        Assert.Equal(almost, sum.Mean(FixedPointSum.CountLimit)[0]);
        Assert.Throws<InvalidOperationException>(() => sum.Add("u", 1, [0], Shared));
    }

    [Fact]
    public void Mean_Weighted_IsTheWeightedMeanInAnyGrouping()
    {
        double[] weights = [1, 0.25, 0.125, 0.3];
        var users = Enumerable.Range(0, 4).Select(Values).ToArray();
        var sum = new FixedPointSum(Length);
        var rest = new FixedPointSum(Length);
        for (var user = 0; user < 4; user++)
        {
            (user % 2 == 0 ? sum : rest).Add("u", weights[user], users[user], Shared);
        }

        rest.Add(sum);
        var mean = rest.Mean(weights.Sum());

        for (var i = 0; i < Length; i++)
        {
            var exact = users.Zip(weights, (user, weight) => weight * user[i]).Sum() / weights.Sum();
            Assert.Equal(exact, mean[i], tolerance: (Math.Abs(exact) * 1e-7) + (4 / FixedPointSum.Units));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void Add_WeightOutOfRange_IsRefused(double weight) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new FixedPointSum(Length).Add("u", weight, Values(0), Shared));

    private static FixedPointSum SumOf(IEnumerable<float[]> users)
    {
        var sum = new FixedPointSum(Length);
        foreach (var user in users)
        {
            sum.Add("u", 1, user, Shared);
        }

        return sum;
    }

    private static float[] Values(int user)
    {
        var random = Randomness.Of(1, (ulong)user);
        return [.. Enumerable.Range(0, Length).Select(i => (float)(random.NextNormal() * Math.Pow(10, (i % 7) - 5)))];
    }
}
