using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Methods;

/// <summary>What a method sends, for a model that people know; `./comigs plan` tells it for a run file.</summary>
public static class ExampleTraffic
{
    public const string Setting = "GPT-2 124M, two experts, rank 8";

    private const int Rank = 8;

    private static readonly ModelShape Gpt2 = new(12, 12, 768, 50_257, 1024);

    /// <summary>Parameters a user sends every round; float32, so 4 bytes each.</summary>
    public static int ParametersPerRound(Method method)
    {
        var (experts, rank) = method.Experts.Of(everybody: 2, own: 2, Rank);
        var layout = ParameterLayout.Of(Gpt2, new(experts, rank, Rank, Alpha: 16, TopK: 2, method.HasRouter));
        return method.PoolsData ? 0 : new SharedParameters(layout, method.Sharing).Length;
    }
}
