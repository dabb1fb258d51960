using CoMiGS.Learning.Model;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Layer norm over the last dimension.</summary>
internal static class LayerNorm
{
    /// <summary>What the backward pass needs: (x − mean) / deviation, and 1 / deviation [U, N, 1].</summary>
    public sealed record Saved(Tensor Normalised, Tensor Inverse)
    {
        public Tensor[] Tensors => [Normalised, Inverse];
    }

    public static (Tensor Output, Saved Saved) Forward(Tensor x, FrozenNorm norm)
    {
        var centred = x - x.mean([-1], keepdim: true);
        var variance = centred.mul(centred).mean([-1], keepdim: true);
        var inverse = variance.add_(ModelShape.LayerNormEpsilon).rsqrt();
        var normalised = centred.mul_(inverse);
        return (normalised.mul(norm.Scale).add_(norm.Shift), new Saved(normalised, inverse));
    }

    public static Tensor Backward(Tensor dy, Saved saved, FrozenNorm norm)
    {
        var scaled = dy.mul(norm.Scale);
        var mean = scaled.mean([-1], keepdim: true);
        var along = scaled.mul(saved.Normalised).mean([-1], keepdim: true);
        return scaled.sub_(mean).sub_(saved.Normalised.mul(along)).mul_(saved.Inverse);
    }
}
