using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>GELU by tanh: ½ x (1 + tanh(√(2/π)(x + 0.044715 x³))). Composed, since its slope needs the tanh again.
/// </summary>
internal static class Gelu
{
    private const double Root = 0.79788456080286535588; // √(2/π)
    private const double Cubic = 0.044715;

    /// <summary>The tanh, from which <see cref="Value"/> and <see cref="Slope"/> follow.</summary>
    public static Tensor Tanh(Tensor x) => x.mul(x).mul_(Cubic).add_(1f).mul_(x).mul_(Root).tanh();

    public static Tensor Value(Tensor x, Tensor tanh) => tanh.add(1f).mul_(x).mul_(0.5);

    /// <summary>½ (1 + t) + ½ x (1 − t²) √(2/π)(1 + 3·0.044715 x²).</summary>
    public static Tensor Slope(Tensor x, Tensor tanh)
    {
        var inner = x.mul(x).mul_(3 * Cubic).add_(1f).mul_(x).mul_(Root);
        return tanh.mul(tanh).mul_(-1f).add_(1f).mul_(inner).add_(tanh).add_(1f).mul_(0.5);
    }
}
