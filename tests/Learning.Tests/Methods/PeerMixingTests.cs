using CoMiGS.Learning.Data;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Tests.Methods;

public sealed class PeerMixingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(50)]
    public void Weights_OfAnyPerplexities_SumToOneAndFallWithPerplexity(int models)
    {
        var random = Randomness.Of(5, (ulong)models);
        double[] perplexities = [.. Enumerable.Range(0, models).Select(_ => 1 + (1e4 * random.NextDouble()))];

        var weights = PeerMixing.Weights(perplexities);

        Assert.Equal(1, weights.Sum(), tolerance: 1e-12);
        var byPerplexity = perplexities.Zip(weights).OrderBy(pair => pair.First).Select(pair => pair.Second).ToArray();
        Assert.Equal(byPerplexity.OrderDescending(), byPerplexity);
    }

    [Fact]
    public void Weights_AreTheSoftmaxOfMinusPerplexity()
    {
        var weights = PeerMixing.Weights([2, 3, 2.5]);

        var powers = new[] { Math.Exp(-2), Math.Exp(-3), Math.Exp(-2.5) };
        Assert.All(weights.Zip(powers), pair => Assert.Equal(pair.Second / powers.Sum(), pair.First, 1e-12));
    }

    [Fact]
    public void Weights_ModelThatDiverged_WeighsNothing() =>
        Assert.Equal([0, 1, 0], PeerMixing.Weights([double.NaN, 50, double.PositiveInfinity]));

    [Fact]
    public void Weights_AllDiverged_AreEqual() =>
        Assert.Equal([0.5, 0.5], PeerMixing.Weights([double.NaN, double.NaN]));

    [Fact]
    public void Mix_IsTheWeightedSum() =>
        Assert.Equal([1.75f, -0.5f], PeerMixing.Mix([[1, -2], [2, 0]], [0.25, 0.75]));
}
