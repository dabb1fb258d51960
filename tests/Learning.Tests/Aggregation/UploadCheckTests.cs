using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests.Aggregation;

/// <summary>What is let into the sum, and what becomes of updates that are too large.</summary>
public sealed class UploadCheckTests
{
    private static readonly SharedParameters Shared = new(Users.Layout(rank: 2), Sharing.Adapters);

    private static readonly float[] Start = Users.Values(1, Shared.Length);

    [Fact]
    public void Open_GoodUpload_IsItsNumbers() =>
        Assert.Equal(Start, UploadCheck.Open(ContentHash.ToBytes(Start), Shared));

    [Theory]
    [InlineData(-1)]
    [InlineData(-4)]
    [InlineData(4)]
    public void Open_WrongLength_SaysBoth(int more)
    {
        var length = sizeof(float) * Shared.Length;

        var error = Assert.Throws<UploadRefusedException>(() => UploadCheck.Open(new byte[length + more], Shared));

        Assert.Equal($"its upload has {length + more} bytes, but what it shares has {length}", error.Message);
    }

    /// <summary>Every place, so those behind the last whole vector, too.</summary>
    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(-128f, "-128")]
    [InlineData(3e38f, "3E+38")]
    public void Open_ValueOutOfRange_NamesParameterValueAndLimit(float bad, string text)
    {
        for (var index = 0; index < Shared.Length; index++)
        {
            var values = (float[])Start.Clone();
            values[index] = bad;

            var error = Assert.Throws<UploadRefusedException>(
                () => UploadCheck.Open(ContentHash.ToBytes(values), Shared));

            var (parameter, start) = Shared.All.Last(candidate => candidate.Start <= index);
            Assert.Equal(
                $"{parameter.Name}[{index - start}] is {text}, but only values between ±128 can be averaged; if "
                + "training diverged, lower training.learningRate",
                error.Message);
        }
    }

    [Theory]
    [InlineData(1.5)]
    [InlineData(1000)]
    public void LimitNorm_AboveClipNorm_KeepsTheDirectionAndHasThatNorm(double factor)
    {
        var values = Moved(length: 2 * factor);

        new UploadCheck(0, ClipNorm: 2).LimitNorm(values, Start);

        Assert.Equal(2, NormOf(values), tolerance: 1e-5);
        Assert.All(values.Zip(Moved(length: 2)), pair => Assert.Equal(pair.Second, pair.First, tolerance: 1e-5f));
    }

    [Fact]
    public void LimitNorm_WithinTheLimits_ChangesNoBit()
    {
        var values = Moved(length: 1.99);
        var before = (float[])values.Clone();

        new UploadCheck(RejectNorm: 3, ClipNorm: 2).LimitNorm(values, Start);

        Assert.Equal(before, values);
    }

    [Fact]
    public void LimitNorm_AboveRejectNorm_SaysNormAndLimit()
    {
        var error = Assert.Throws<UploadRefusedException>(
            () => new UploadCheck(RejectNorm: 3.5, ClipNorm: 2).LimitNorm(Moved(length: 4), Start));

        Assert.Equal("its update has an L2 norm of 4, but aggregation.rejectNorm is 3.5", error.Message);
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(0, 1, true)]
    public void LimitsNorm_IsWhetherAnyIsSet(double reject, double clip, bool limits) =>
        Assert.Equal(limits, new UploadCheck(reject, clip).LimitsNorm);

    /// <summary>Whoever trains nothing has no update, whatever its rank and the rule.</summary>
    [Theory]
    [InlineData(AggregationRule.Mean, 4)]
    [InlineData(AggregationRule.Median, 4)]
    [InlineData(AggregationRule.Median, 2)]
    [InlineData(AggregationRule.ZeroPad, 2)]
    [InlineData(AggregationRule.Product, 2)]
    public void StartOf_UserThatReceivedAndTrainedNothing_IsWhatItSends(AggregationRule rule, int rank)
    {
        var server = new SharedParameters(Users.Layout(rank: 4), Sharing.Adapters);
        var own = new SharedParameters(Users.Layout(rank), Sharing.Adapters);
        var exchange = new Exchange(server, own, rule, rule == AggregationRule.ZeroPad ? new(0.9, 0.1) : null);
        var sent = Users.Values(5, server.Length);
        var received = exchange.Receive(Model(own, Users.Values(6, own.Length)), sent);

        var upload = exchange.Send(received);

        Assert.Equal(upload, exchange.StartOf(sent, upload));
    }

    /// <summary>HetLoRA's users give up rank; that is no update, however much it was.</summary>
    [Fact]
    public void StartOf_ComponentsGivenUp_AreEmptyThereToo()
    {
        var exchange = new Exchange(Shared, Shared, AggregationRule.ZeroPad, new(0.9, 0.1));
        var upload = Users.Values(6, Shared.Length);
        RankPruning.Cut(Shared.Layout, 1, upload);

        var start = exchange.StartOf(Start, upload);

        var a = Shared.Layout[AdapterSite.MlpInput, Factor.A, 0];
        var given = (a.Offset + a.Columns)..(a.Offset + (2 * a.Columns));
        Assert.All(start[given], value => Assert.Equal(0, value));
        Assert.Equal(Start[a.Offset], start[a.Offset]);
    }

    private static UserModel Model(SharedParameters shared, float[] parameters) =>
        UserModel.Start(shared.Layout.Adapters, parameters);

    private static float[] Moved(double length)
    {
        var direction = Users.Values(2, Shared.Length);
        var norm = Math.Sqrt(direction.Sum(value => (double)value * value));
        return [.. Start.Zip(direction, (value, part) => (float)(value + (length / norm * part)))];
    }

    private static double NormOf(float[] values) =>
        Math.Sqrt(values.Zip(Start, (value, start) => Math.Pow((double)value - start, 2)).Sum());
}
