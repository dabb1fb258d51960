using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Backward of a softmax over the last dimension.</summary>
internal static class Softmax
{
    /// <summary>p (dp − Σ p dp): the gradient of what the softmax was taken of.</summary>
    public static Tensor Backward(Tensor dp, Tensor p)
    {
        var weighted = dp.mul(p);
        return weighted.sub_(p.mul(weighted.sum(-1L, keepdim: true)));
    }
}
