using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Tests.Methods;

public sealed class ExampleTrafficTests
{
    /// <summary>The paper's counts for GPT-2 124M.</summary>
    [Theory]
    [InlineData("comigs-1g1s", 1_179_648)]
    [InlineData("pfedmoe", 1_179_648)]
    [InlineData("comigs-2g", 1_916_928)]
    [InlineData("fedavg", 1_916_928)]
    [InlineData("comigs-2s", 0)]
    [InlineData("local", 0)]
    [InlineData("local-plus-valid", 0)]
    public void ParametersPerRound_OfAMethod_AreThePapers(string method, int parameters) =>
        Assert.Equal(parameters, ExampleTraffic.ParametersPerRound(MethodCatalog.Named(method)));
}
