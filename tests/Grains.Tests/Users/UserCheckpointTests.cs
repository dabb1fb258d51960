using System.Security.Cryptography;
using System.Text;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Grains.Users;
using CoMiGS.Learning;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Tests;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Tests.Users;

public sealed class UserCheckpointTests
{
    private static readonly ParameterLayout Layout =
        ParameterLayout.Of(FakeTrainer.Shape, new(3, 2, 2, 16, 2, HasRouter: true));

    [Fact]
    public void FromBytes_Float32_IsBitForBitWhatWasWritten()
    {
        var (user, loaded) = (User(), Reload(User(), FloatType.Float32));

        Assert.Equal(Bits(user.Parameters), Bits(loaded.Parameters));
        Assert.Equal(Bits(user.FirstMoments), Bits(loaded.FirstMoments));
        Assert.Equal(Bits(user.SecondMoments), Bits(loaded.SecondMoments));
        Assert.Equal((7, 11), (loaded.ExpertSteps, loaded.RouterSteps));
    }

    [Fact]
    public void FromBytes_Bfloat16_HasMomentsToEightBitsAndAllElseAsItWas()
    {
        var (user, loaded) = (User(), Reload(User(), FloatType.Bfloat16));

        Assert.Equal(Bits(user.Parameters), Bits(loaded.Parameters));
        AssertRounded(user.FirstMoments, loaded.FirstMoments);
        AssertRounded(user.SecondMoments, loaded.SecondMoments);
        Assert.Equal((7, 11), (loaded.ExpertSteps, loaded.RouterSteps));
    }

    [Theory]
    [InlineData(FloatType.Float32)]
    [InlineData(FloatType.Bfloat16)]
    public void ToBytes_OfWhatWasReloaded_GivesTheSameBytes(FloatType moments) =>
        Assert.Equal(Bytes(moments), UserCheckpoint.ToBytes(Reload(User(), moments), moments, Round));

    /// <summary>Runs that were interrupted go on from such bytes.</summary>
    [Fact]
    public void ToBytes_Float32_AreTheBytesOnPeoplesDisks() => Assert.StartsWith(
        "a8409c426918e1f096aad7728ec20a1832415a5c80c38f6607",
        Convert.ToHexStringLower(SHA256.HashData(Bytes(FloatType.Float32))));

    [Fact]
    public void ToBytes_Bfloat16_TakesTwoThirds()
    {
        var (whole, half) = (Bytes(FloatType.Float32), Bytes(FloatType.Bfloat16));

        // The header differs by its numbers' digits and its padding.
        Assert.InRange(whole.Length - half.Length, (2 * 2 * Layout.Length) - 8, (2 * 2 * Layout.Length) + 8);
        Assert.Equal(2, Encoding.UTF8.GetString(half).Split("BF16").Length - 1);
    }

    [Theory]
    [InlineData(FloatType.Float32, FloatType.Bfloat16, "F32")]
    [InlineData(FloatType.Bfloat16, FloatType.Float32, "BF16")]
    public void FromBytes_MomentsOfAnotherType_AreRefused(FloatType written, FloatType wanted, string name)
    {
        var error = Assert.Throws<BadInputException>(
            () => UserCheckpoint.FromBytes(Bytes(written), Layout, wanted, "blob"));

        Assert.StartsWith($"blob: tensor 'first_moments' has type {name}", error.Message);
    }

    [Fact]
    public void FromBytes_ParametersOfAnotherType_AreRefused()
    {
        var user = User();
        var bytes = SafetensorsWriter.ToBytes(
            [new("parameters", 0, Layout.Length, user.Parameters, FloatType.Bfloat16)]);

        var error = Assert.Throws<BadInputException>(
            () => UserCheckpoint.FromBytes(bytes, Layout, FloatType.Bfloat16, "blob"));

        Assert.Contains("'parameters' has type BF16, but F32", error.Message);
    }

    private static byte[] Bytes(FloatType moments) => UserCheckpoint.ToBytes(User(), moments, Round);

    private static TrainedRound Round { get; } = new(3, 1, "ab", new(20, 16), default, 16, 512);

    private static UserModel Reload(UserModel user, FloatType moments) =>
        UserCheckpoint.FromBytes(UserCheckpoint.ToBytes(user, moments, Round), Layout, moments, "blob").User;

    private static void AssertRounded(float[] exact, float[] rounded)
    {
        Assert.All(exact.Zip(rounded), pair => Assert.InRange(
            Math.Abs(pair.Second - pair.First), 0, Math.ScaleB(Math.Abs(pair.First), -8)));
        Assert.All(Bits(rounded), bits => Assert.Equal(0u, bits & 0xFFFF));
    }

    private static UserModel User()
    {
        float[] Values(int seed, float scale)
        {
            var values = new float[Layout.Length];
            TinyModel.Fill(values, seed, scale);
            return values;
        }

        return new(Layout.Adapters, Values(1, 1), Values(2, 1e-3f), Values(3, 1e-9f), ExpertSteps: 7, RouterSteps: 11);
    }

    private static uint[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToUInt32Bits);
}
