using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Tests.Experts;

public sealed class AdapterInitialisationTests
{
    private static readonly ModelShape Model = new(2, 2, 16, 32, 8);
    private static readonly ParameterLayout Two = ParameterLayout.Of(Model, new(2, 4, 4, 16, 2, true));
    private static readonly ParameterLayout Four = ParameterLayout.Of(Model, new(4, 4, 4, 16, 2, true));

    private static float[] SharedOf(ParameterLayout layout, float[] values) =>
        new SharedParameters(layout, Sharing.Generalist).Of(values);

    [Fact]
    public void Of_OtherExpertCounts_AgreeOnTheGeneralistAndExpertsDiffer()
    {
        var two = AdapterInitialisation.Of(Two, seed: 1);
        var four = AdapterInitialisation.Of(Four, seed: 1);

        Assert.Equal(SharedOf(Two, two), SharedOf(Four, four));
        Assert.NotEqual(SharedOf(Two, two), SharedOf(Two, AdapterInitialisation.Of(Two, seed: 2)));
        Assert.NotEqual(Matrix(four, expert: 0), Matrix(four, expert: 1));

        float[] Matrix(float[] values, int expert)
        {
            var place = Four[AdapterSite.MlpInput, Factor.A, 0, expert];
            return values[place.Offset..(place.Offset + place.Length)];
        }
    }

    [Fact]
    public void Of_LowerRank_IsTheFirstComponentsOfTheHigherOne()
    {
        var low = ParameterLayout.Of(Model, new(2, 3, 4, 16, 2, true));

        var fitted = RankFit.Of(
            SharedOf(Two, AdapterInitialisation.Of(Two, seed: 1)), new(Two, Sharing.Generalist),
            new(low, Sharing.Generalist));

        Assert.Equal(SharedOf(low, AdapterInitialisation.Of(low, seed: 1)), fitted);
    }

    [Fact]
    public void Of_EachMatrix_IsUniformInItsBound_AndBIsZero()
    {
        var values = AdapterInitialisation.Of(Two, seed: 1);

        foreach (var parameter in Two.Parameters)
        {
            var matrix = values.AsSpan(parameter.Offset, parameter.Length).ToArray();
            var bound = parameter.Factor == Factor.B ? 0 : 1 / Math.Sqrt(parameter.Columns);
            Assert.All(matrix, value => Assert.InRange(value, -bound, bound));
            if (parameter.Factor != Factor.B)
            {
                Assert.InRange(matrix.Max(), 0.8 * bound, bound);
                Assert.InRange(matrix.Average(), -0.25 * bound, 0.25 * bound);
            }
        }
    }
}
