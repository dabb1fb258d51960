using CoMiGS.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Brings to the host what the routers of all blocks did, and back the balance loss's gradient.</summary>
internal static class RoutingCounts
{
    /// <summary>One tally a user; empty ones where nothing was routed.</summary>
    /// <param name="tokens">Tokens N of a user.</param>
    public static RoutingTally[] Tallies(StackedModel.State state, AdapterStack stack, int tokens)
    {
        int layers = state.Blocks.Count, experts = stack.Shape.ExpertCount;
        var tallies = new RoutingTally[stack.UserCount];
        for (var user = 0; user < tallies.Length; user++)
        {
            tallies[user] = new RoutingTally(layers, experts);
        }

        if (!stack.Shape.Routes)
        {
            return tallies;
        }

        using var scope = NewDisposeScope();
        var counts = torch.stack([.. state.Blocks.Select(block => Count(block.Router!))]); // [L, 3, U, E]
        var values = counts.cpu().data<double>().ToArray();
        for (var user = 0; user < tallies.Length; user++)
        {
            tallies[user].TokenCount = tokens;
            for (var i = 0; i < layers * experts; i++)
            {
                double Value(int kind) =>
                    values[(((((i / experts) * 3) + kind) * tallies.Length) + user) * experts + (i % experts)];
                tallies[user].Selected[i] = (long)Value(0);
                tallies[user].First[i] = (long)Value(1);
                tallies[user].ProbabilitySum[i] = Value(2);
            }
        }

        return tallies;
    }

    /// <summary>Per block, d(scale · LB)/d(probability) [U, 1, E].</summary>
    public static IReadOnlyList<Tensor> Slopes(RoutingTally[] tallies, AdapterStack stack, double scale, Device device)
    {
        int layers = tallies[0].LayerCount, experts = tallies[0].ExpertCount;
        var values = new float[tallies.Length * layers * experts];
        for (var user = 0; user < tallies.Length; user++)
        {
            LoadBalance.Slopes(tallies[user], scale, values.AsSpan(user * layers * experts, layers * experts));
        }

        var slopes = tensor(values, [tallies.Length, layers, experts], device: device);
        return stack.Shape.Routes ? [.. Enumerable.Range(0, layers).Select(layer => slopes.narrow(1, layer, 1))] : [];
    }

    /// <summary>Tokens with the expert among the chosen, tokens with it first, and its summed probability [3, U,
    /// E].</summary>
    private static Tensor Count(Router.Saved router)
    {
        var shape = router.Probabilities.shape;
        var device = router.Probabilities.device;
        Tensor Marked(Tensor chosen) => zeros(shape, ScalarType.Float64, device)
            .scatter_(-1, chosen, ones(chosen.shape, ScalarType.Float64, device)).sum(1L);
        return torch.stack([
            Marked(router.Chosen), Marked(router.Chosen.narrow(-1, 0, 1)),
            router.Probabilities.sum(1, type: ScalarType.Float64)]);
    }
}
