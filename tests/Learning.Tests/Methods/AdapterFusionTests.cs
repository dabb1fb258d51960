using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Tests.Methods;

public sealed class AdapterFusionTests
{
    [Theory]
    [InlineData(0.9, 0.1)]
    [InlineData(0.2, 0.7)]
    [InlineData(-0.4, 1)]
    [InlineData(0, 0)]
    public async Task Search_SmoothLoss_EndsNearItsMinimumWithinTheBudget(double local, double global)
    {
        var calls = new List<(double Local, double Global)>();

        var found = await AdapterFusion.SearchAsync(at =>
        {
            calls.Add(at);
            return Task.FromResult((4 * Math.Pow(at.Local - local, 2)) + (4 * Math.Pow(at.Global - global, 2)));
        });

        Assert.InRange(found.Local, local - 0.15, local + 0.15);
        Assert.InRange(found.Global, global - 0.15, global + 0.15);
        Assert.InRange(calls.Count, 2, AdapterFusion.Budget);
        Assert.All(calls, call => Assert.True(Math.Abs(call.Local) <= 1 && Math.Abs(call.Global) <= 1));
    }

    [Fact]
    public async Task Search_LossThatDoesNotCare_TakesTheSmallestWeights()
    {
        var found = await AdapterFusion.SearchAsync(_ => Task.FromResult(1.0));

        Assert.Equal((0, 0), found);
    }

    [Fact]
    public async Task Search_DivergedCombinations_AreNotTaken()
    {
        var found = await AdapterFusion.SearchAsync(
            at => Task.FromResult(at == (0.5, 0.5) ? 1.0 : double.NaN));

        Assert.Equal((0.5, 0.5), found);
    }
}
