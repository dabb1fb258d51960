using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>One adapter of all users: γ B (A x), A [U, R, in], B [U, out, R]. Gradients are views that are added to,
/// or null where the phase does not train adapters.</summary>
internal sealed record LowRank(Tensor A, Tensor B, float Scale, Tensor? GradientA, Tensor? GradientB)
{
    public static LowRank Of(AdapterStack stack, Experts.AdapterSite site, int layer, bool trained)
    {
        Tensor Of(Tensor source, Experts.Factor factor) => stack.Matrix(source, site, factor, layer);
        return new LowRank(
            Of(stack.Parameters, Experts.Factor.A), Of(stack.Parameters, Experts.Factor.B), stack.Shape.AttentionScale,
            trained ? Of(stack.Gradients, Experts.Factor.A) : null,
            trained ? Of(stack.Gradients, Experts.Factor.B) : null);
    }

    /// <summary>Adds γ B (A x) to y and gives A x [U, N, R].</summary>
    public Tensor AddTo(Tensor y, Tensor x)
    {
        var down = x.bmm(A.transpose(1, 2));
        y.add_(down.bmm(B.transpose(1, 2)), Scale);
        return down;
    }

    /// <summary>Adds the gradient of x to dx, and those of A and B to theirs.</summary>
    public void Backward(Tensor dy, Tensor x, Tensor down, Tensor dx)
    {
        var slope = dy.bmm(B).mul_(Scale); // [U, N, R]
        dx.add_(slope.bmm(A));
        GradientA?.add_(slope.transpose(1, 2).bmm(x));
        GradientB?.add_(dy.transpose(1, 2).bmm(down), Scale);
    }
}
