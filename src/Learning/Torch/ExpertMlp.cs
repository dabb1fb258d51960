using CoMiGS.Learning.Experts;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>One block's mixture of experts of all users. All experts stand on the same frozen matrices, so those
/// products are computed once: W1 x before the experts part, W2 of their weighted sum after they met.</summary>
internal sealed class ExpertMlp
{
    private readonly FrozenBlock block;
    private readonly int users, experts, rank;
    private readonly float scale;
    private readonly Tensor a1, b1, a2, b2;

    public ExpertMlp(FrozenBlock block, AdapterStack stack, int layer)
    {
        this.block = block;
        (users, experts, rank, scale) =
            (stack.UserCount, stack.Shape.ExpertCount, stack.Shape.MlpRank, stack.Shape.MlpScale);
        Tensor Of(AdapterSite site, Factor factor) => stack.Experts(stack.Parameters, site, factor, layer);
        a1 = Of(AdapterSite.MlpInput, Factor.A).reshape(users, experts * rank, -1); // [U, ER, D]
        b1 = Of(AdapterSite.MlpInput, Factor.B).reshape(users * experts, -1, rank); // [UE, F, R]
        a2 = Of(AdapterSite.MlpOutput, Factor.A).reshape(users * experts, rank, -1); // [UE, R, F]
        b2 = Of(AdapterSite.MlpOutput, Factor.B).permute(0, 1, 3, 2).reshape(users, experts * rank, -1); // [U, ER, D]
    }

    /// <param name="Input">[U, N, D]</param>
    /// <param name="Gates">[U, E, N, 1]</param>
    /// <param name="Down1">A1 x [UE, N, R]</param>
    /// <param name="Hidden">Before the nonlinearity [U, E, N, F]; the largest thing a pass keeps.</param>
    /// <param name="Down2">A2 of the gated experts [U, N, ER]</param>
    public sealed record Saved(Tensor Input, Tensor Gates, Tensor Down1, Tensor Hidden, Tensor Down2)
    {
        public Tensor[] Tensors => [Input, Gates, Down1, Hidden, Down2];
    }

    /// <summary>Σ_e gate_e E_e(x).</summary>
    /// <param name="gates">[U, N, E]</param>
    public (Tensor Output, Saved Saved) Forward(Tensor x, Tensor gates)
    {
        var tokens = x.shape[1];
        var weights = gates.transpose(1, 2).unsqueeze(-1);
        var down1 = Apart(x.bmm(a1.transpose(1, 2)));
        var hidden = down1.bmm(b1.transpose(1, 2)).mul_(scale).view(users, experts, tokens, -1)
            .add_(block.MlpInput.Forward(x).unsqueeze(1));
        var gated = Gelu.Value(hidden, Gelu.Tanh(hidden)).mul_(weights);
        var down2 = Together(gated.view(users * experts, tokens, -1).bmm(a2.transpose(1, 2)));

        // The output bias is inside the mixture: scaled by Σ gates, which is 1 except where one expert is chosen.
        var output = block.MlpOutput.Multiply(gated.sum(1L))
            .add_(gates.sum(-1L, keepdim: true).mul(block.MlpOutput.Bias))
            .add_(down2.bmm(b2), scale);
        return (output, new Saved(x, weights, down1, hidden, down2));
    }

    /// <summary>The gradients of x [U, N, D] and of the gates [U, N, E].</summary>
    /// <param name="gradients">Is added to, unless null.</param>
    public (Tensor Input, Tensor Gates) Backward(Tensor dy, Saved saved, ExpertGradients? gradients)
    {
        var tokens = dy.shape[1];
        var tanh = Gelu.Tanh(saved.Hidden);
        var active = Gelu.Value(saved.Hidden, tanh);
        var ddown2 = Apart(dy.bmm(b2.transpose(1, 2)).mul_(scale)); // [UE, N, R]
        gradients?.AddOutput(dy, saved.Down2, ddown2, active.mul(saved.Gates), scale);

        var dgated = ddown2.bmm(a2).view(users, experts, tokens, -1)
            .add_(block.MlpOutput.Backward(dy).unsqueeze(1)); // [U, E, N, F]
        var dgates = active.mul_(dgated).sum(-1L).transpose(1, 2)
            .add(dy.mul(block.MlpOutput.Bias).sum(-1L, keepdim: true));
        var dhidden = dgated.mul_(saved.Gates).mul_(Gelu.Slope(saved.Hidden, tanh));
        var dx = block.MlpInput.Backward(dhidden.sum(1L));

        var flat = dhidden.view(users * experts, tokens, -1);
        var ddown1 = Together(flat.bmm(b1).mul_(scale)); // [U, N, ER]
        gradients?.AddInput(flat, saved.Down1, ddown1, saved.Input, scale);
        return (dx.add_(ddown1.bmm(a1)), dgates);
    }

    /// <summary>[U, N, ER] → [UE, N, R].</summary>
    private Tensor Apart(Tensor together) => together.view(users, -1, experts, rank).permute(0, 2, 1, 3)
        .reshape(users * experts, -1, rank);

    /// <summary>[UE, N, R] → [U, N, ER].</summary>
    private Tensor Together(Tensor apart) => apart.view(users, experts, -1, rank).permute(0, 2, 1, 3)
        .reshape(users, -1, experts * rank);
}
