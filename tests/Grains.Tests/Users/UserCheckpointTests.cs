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

    [Theory]
    [InlineData(FloatType.Float32)]
    [InlineData(FloatType.Bfloat16)]
    public void FromBytes_WhatWasWritten_IsBitForBitWhatStaysInMemory(FloatType moments)
    {
        var stored = UserCheckpoint.AsStored(User(), moments);

        var loaded = UserCheckpoint.FromBytes(UserCheckpoint.ToBytes(stored, moments), Layout, moments, "blob");

        Assert.Equal(Bits(stored.Parameters), Bits(loaded.Parameters));
        Assert.Equal(Bits(stored.FirstMoments), Bits(loaded.FirstMoments));
        Assert.Equal(Bits(stored.SecondMoments), Bits(loaded.SecondMoments));
        Assert.Equal((7, 11), (loaded.ExpertSteps, loaded.RouterSteps));
    }

    [Fact]
    public void AsStored_Bfloat16_RoundsTheMomentsAndNothingElse()
    {
        var user = User();

        var stored = UserCheckpoint.AsStored(user, FloatType.Bfloat16);

        Assert.Equal(user.Parameters, stored.Parameters);
        Assert.Equal(Bfloat16.Round(user.FirstMoments), stored.FirstMoments);
        Assert.Equal(Bfloat16.Round(user.SecondMoments), stored.SecondMoments);
        Assert.NotEqual(user.FirstMoments, stored.FirstMoments);
    }

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

    private static byte[] Bytes(FloatType moments) =>
        UserCheckpoint.ToBytes(UserCheckpoint.AsStored(User(), moments), moments);

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
