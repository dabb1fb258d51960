using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>Functions of vectors, within about 1e-7 relative.</summary>
internal static class VectorMath<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>√(2/π) and the cubic coefficient of GPT-2's gelu.</summary>
    private const float GeluSlope = 0.7978845608028654f, GeluCubic = 0.044715f;

    /// <summary>e^x = 2^n·e^r with n = round(x/ln 2) and |r| ≤ ln 2 / 2; the polynomial is Cephes' expf. Arguments are
    /// clamped to ±87 first, so that 2^n is a normal number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp(TVector x)
    {
        const float Limit = 87f, Round = 12582912f; // 1.5·2^23: adding it leaves the nearest integer in the low bits
        x = TSimd.Max(TSimd.Min(x, TSimd.Broadcast(Limit)), TSimd.Broadcast(-Limit));
        var shifted = TSimd.Fma(x, TSimd.Broadcast(1.44269504088896341f), TSimd.Broadcast(Round + 127f));
        var n = TSimd.Subtract(shifted, TSimd.Broadcast(Round + 127f));
        var r = TSimd.Fma(n, TSimd.Broadcast(-0.693359375f), x);
        r = TSimd.Fma(n, TSimd.Broadcast(2.12194440e-4f), r);
        var p = TSimd.Fma(r, TSimd.Broadcast(1.9875691500e-4f), TSimd.Broadcast(1.3981999507e-3f));
        p = TSimd.Fma(p, r, TSimd.Broadcast(8.3334519073e-3f));
        p = TSimd.Fma(p, r, TSimd.Broadcast(4.1665795894e-2f));
        p = TSimd.Fma(p, r, TSimd.Broadcast(1.6666665459e-1f));
        p = TSimd.Fma(p, r, TSimd.Broadcast(5.0000001201e-1f));
        p = TSimd.Fma(p, TSimd.Multiply(r, r), TSimd.Add(r, TSimd.Broadcast(1f)));
        return TSimd.Multiply(p, TSimd.LowBitsToExponent(shifted));
    }

    /// <summary>gelu_tanh(x) = x·σ(2u) with u = √(2/π)(x + 0.044715x³); also σ and 1 − σ, which its slope
    /// needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gelu(TVector x, TVector square, out TVector sigmoid, out TVector rest)
    {
        var u = TSimd.Fma(square, TSimd.Broadcast(-2 * GeluSlope * GeluCubic), TSimd.Broadcast(-2 * GeluSlope));
        var one = TSimd.Broadcast(1f);
        var e = Exp(TSimd.Multiply(u, x));
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
