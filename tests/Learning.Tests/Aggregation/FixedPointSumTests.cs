using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Tests.Aggregation;

public sealed class FixedPointSumTests
{
    private const int Length = 37;   // no multiple of any vector width

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

    [Fact]
    public void Add_LargestValuesUpToTheLimitOfUsers_DoesNotOverflow()
    {
        var almost = MathF.BitDecrement(FixedPointSum.MagnitudeLimit);
        var sum = new FixedPointSum(1);
        for (var user = 0; user < FixedPointSum.CountLimit; user++)
        {
            sum.Add(1, [almost]);
        }

        Assert.Equal(almost, sum.Mean(FixedPointSum.CountLimit)[0]);
        Assert.Throws<InvalidOperationException>(() => sum.Add(1, [0]));
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
            (user % 2 == 0 ? sum : rest).Add(weights[user], users[user]);
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
        () => new FixedPointSum(Length).Add(weight, Values(0)));

    private static FixedPointSum SumOf(IEnumerable<float[]> users)
    {
        var sum = new FixedPointSum(Length);
        foreach (var user in users)
        {
            sum.Add(1, user);
        }

        return sum;
    }

    private static float[] Values(int user)
    {
        var random = Randomness.Of(1, (ulong)user);
        return [.. Enumerable.Range(0, Length).Select(i => (float)(random.NextNormal() * Math.Pow(10, (i % 7) - 5)))];
    }
}
