using CoMiGS.Learning.Experts;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Views [U, E, rows, columns] of the gradients of one block's experts, which are added to.</summary>
internal sealed record ExpertGradients(Tensor A1, Tensor B1, Tensor A2, Tensor B2)
{
    public static ExpertGradients Of(AdapterStack stack, int layer)
    {
        Tensor Of(AdapterSite site, Factor factor) => stack.Experts(stack.Gradients, site, factor, layer);
        return new ExpertGradients(
            Of(AdapterSite.MlpInput, Factor.A), Of(AdapterSite.MlpInput, Factor.B),
            Of(AdapterSite.MlpOutput, Factor.A), Of(AdapterSite.MlpOutput, Factor.B));
    }

    /// <summary>Of c_proj.</summary>
    /// <param name="dy">[U, N, D]</param>
    /// <param name="down">[U, N, ER]</param>
    /// <param name="ddown">[UE, N, R]</param>
    /// <param name="gated">[U, E, N, F]</param>
    public void AddOutput(Tensor dy, Tensor down, Tensor ddown, Tensor gated, float scale)
    {
        A2.add_(ddown.transpose(1, 2).bmm(gated.view(ddown.shape[0], gated.shape[2], -1)).view(A2.shape));
        B2.add_(Transposed(down.transpose(1, 2).bmm(dy), B2), scale);
    }

    /// <summary>Of c_fc.</summary>
    /// <param name="dhidden">[UE, N, F]</param>
    /// <param name="down">[UE, N, R]</param>
    /// <param name="ddown">[U, N, ER]</param>
    /// <param name="x">[U, N, D]</param>
    public void AddInput(Tensor dhidden, Tensor down, Tensor ddown, Tensor x, float scale)
    {
        A1.add_(ddown.transpose(1, 2).bmm(x).view(A1.shape));
        B1.add_(dhidden.transpose(1, 2).bmm(down).view(B1.shape), scale);
    }

    /// <summary>[U, ER, D] → [U, E, D, R].</summary>
    private static Tensor Transposed(Tensor stacked, Tensor like) =>
        stacked.view(like.shape[0], like.shape[1], like.shape[3], like.shape[2]).transpose(2, 3);
}
