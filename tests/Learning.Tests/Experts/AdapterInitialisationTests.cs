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

    private static Func<Parameter, string> OwnerOf(string user) => parameter =>
        Sharing.Generalist.Covers(parameter) ? AdapterInitialisation.Everyone : user;

    private static float[] SharedOf(ParameterLayout layout, float[] values) =>
        new SharedParameters(layout, Sharing.Generalist).Of(values);

    [Fact]
    public void Of_UsersWithOtherExpertCounts_AgreeOnWhatIsSharedAndOnNothingElse()
    {
        var de = AdapterInitialisation.Of(Two, seed: 1, OwnerOf("de"));
        var fr = AdapterInitialisation.Of(Four, seed: 1, OwnerOf("fr"));

        Assert.Equal(SharedOf(Two, de), SharedOf(Four, fr));
        Assert.NotEqual(SharedOf(Two, de), SharedOf(Two, AdapterInitialisation.Of(Two, seed: 2, OwnerOf("de"))));
        Assert.NotEqual(Specialist(Two, de), Specialist(Four, fr));

        static float[] Specialist(ParameterLayout layout, float[] values)
        {
            var place = layout[AdapterSite.MlpInput, Factor.A, 0, 1];
            return values[place.Offset..(place.Offset + place.Length)];
        }
    }

    [Fact]
    public void Of_LowerRank_IsTheFirstComponentsOfTheHigherOne()
    {
        var low = ParameterLayout.Of(Model, new(2, 3, 4, 16, 2, true));

        var fitted = RankFit.Of(
            SharedOf(Two, AdapterInitialisation.Of(Two, seed: 1, OwnerOf("de"))), new(Two, Sharing.Generalist),
            new(low, Sharing.Generalist));

        Assert.Equal(SharedOf(low, AdapterInitialisation.Of(low, seed: 1, OwnerOf("fr"))), fitted);
    }

    [Fact]
    public void Of_EachMatrix_IsUniformInItsBound_AndBIsZero()
    {
        var values = AdapterInitialisation.Of(Two, seed: 1, OwnerOf("de"));

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
