using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>Functions of vectors, within about 1e-7 relative.</summary>
internal static class VectorMath<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>log2 e: e^x = 2^(x·<see cref="Log2E"/>).</summary>
    public const float Log2E = 1.4426950408889634f;

    /// <summary>√(2/π) and the cubic coefficient of GPT-2's gelu.</summary>
    private const float GeluSlope = 0.7978845608028654f, GeluCubic = 0.044715f;

    /// <summary>2^x = 2^n·2^f with n the nearest whole number and |f| ≤ 1/2, where a polynomial of degree 6 with the
    /// least largest relative error stands for 2^f. Infinite x give NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp2(TVector x)
    {
        var n = TSimd.Round(x);
        var f = TSimd.Subtract(x, n);
        var p = TSimd.Fma(f, TSimd.Broadcast(1.55946778e-4f), TSimd.Broadcast(1.34066434e-3f));
        p = TSimd.Fma(p, f, TSimd.Broadcast(9.61769279e-3f));
        p = TSimd.Fma(p, f, TSimd.Broadcast(5.55031039e-2f));
        p = TSimd.Fma(p, f, TSimd.Broadcast(2.40226522e-1f));
        p = TSimd.Fma(p, f, TSimd.Broadcast(6.93147242e-1f));
        p = TSimd.Fma(p, f, TSimd.Broadcast(1f));
        return TSimd.TimesPowerOfTwo(p, n);
    }

    /// <summary>gelu_tanh(x) = x·σ(2u) with u = √(2/π)(x + 0.044715x³); also σ and 1 − σ, which its slope
    /// needs.</summary>
    /// <param name="square">x²</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gelu(TVector x, TVector square, out TVector sigmoid, out TVector rest)
    {
        const float Linear = -2 * GeluSlope * Log2E;
        var u = TSimd.Fma(square, TSimd.Broadcast(Linear * GeluCubic), TSimd.Broadcast(Linear));
        var one = TSimd.Broadcast(1f);
        var e = Exp2(TSimd.Min(TSimd.Multiply(u, x), TSimd.Broadcast(126f)));
        sigmoid = TSimd.Divide(one, TSimd.Add(one, e));
        rest = TSimd.Multiply(e, sigmoid);
        return TSimd.Multiply(x, sigmoid);
    }

    /// <summary>d gelu/dx = σ + gelu·(1 − σ)·2√(2/π)(1 + 3·0.044715x²).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector GeluDerivative(TVector gelu, TVector square, TVector sigmoid, TVector rest)
    {
        var inner = TSimd.Fma(square, TSimd.Broadcast(6 * GeluSlope * GeluCubic), TSimd.Broadcast(2 * GeluSlope));
        return TSimd.Fma(TSimd.Multiply(gelu, rest), inner, sigmoid);
    }
}
