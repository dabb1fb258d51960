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
    [InlineData("pretrained", 0)]
    [InlineData("centralized", 0)]
    [InlineData("pcl", 1_916_928)]
    [InlineData("hetlora", 1_916_928)]
    [InlineData("flexlora", 1_916_928)]
    [InlineData("fdlora", 1_916_928)]
    [InlineData("ffa-lora", 1_032_192)]
    [InlineData("fedsa-lora", 884_736)]
    public void ParametersPerRound_OfAMethod_AreThePapers(string method, int parameters) =>
        Assert.Equal(parameters, ExampleTraffic.ParametersPerRound(MethodCatalog.Named(method)));
}
