using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Tests.Experts;

public sealed class AdapterInitialisationTests
{
    private static readonly ModelShape Model = new(2, 2, 16, 32, 8);
    private static readonly ParameterLayout Two = ParameterLayout.Of(Model, new(2, 4, 4, 16, 2, true));
    private static readonly ParameterLayout Four = ParameterLayout.Of(Model, new(4, 4, 4, 16, 2, true));

    [Fact]
    public void Of_UsersWithOtherExpertCounts_AgreeOnTheSharedPrefixAndOnNothingElse()
    {
        var shared = Two.SharedLength(Sharing.Generalist);
        var de = AdapterInitialisation.Of(Two, shared, seed: 1, "de");
        var fr = AdapterInitialisation.Of(Four, Four.SharedLength(Sharing.Generalist), seed: 1, "fr");

        Assert.Equal(de[..shared], fr[..shared]);
        Assert.Equal(de[..shared], AdapterInitialisation.Shared(Two, shared, seed: 1));
        var specialist = Two[AdapterSite.MlpInput, Factor.A, 0, 1];
        var range = specialist.Offset..(specialist.Offset + specialist.Length);
        Assert.NotEqual(de[range], fr[range]);
    }

    [Fact]
    public void Of_EachMatrix_IsUniformInItsBound_AndBIsZero()
    {
        var values = AdapterInitialisation.Of(Two, Two.GeneralistLength, seed: 1, "de");

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
