using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>The elementwise middle of an expert on one panel of hidden columns: gelu, gate and mix, and the way back.
/// Rows are the expert's tokens; <c>index</c> says which. Of all this only the values before the gelu are kept between
/// the ways: to compute it again is no slower than to wait for memory. The same rows of the next panel, <c>toNext</c>
/// floats on, are fetched meanwhile, and by the first of the experts the next columns of the sum.</summary>
internal static unsafe class ExpertMixKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>h = gelu(pre); mix[index] += weight·h, or = for the first of experts that see every token.</summary>
    /// <param name="pre">[rows, columns]</param>
    /// <param name="hidden">Receives h.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(
        Matrix pre, nint toNext, int rows, int columns, int* index, float* weights, Matrix hidden, Matrix mix,
        bool isFirst)
    {
        for (var row = 0; row < rows; row++)
        {
            float* x = pre.Row(row), h = hidden.Row(row), sum = mix.Row(index[row]);
            var weight = TSimd.Broadcast(weights[row]);
            for (var i = 0; i < columns; i += TSimd.Width)
            {
                Cache.Fetch(x + toNext + i);
                var value = TSimd.Load(x + i);
                var gelu = VectorMath<TSimd, TVector>.Gelu(value, TSimd.Multiply(value, value), out _, out _);
                TSimd.Store(h + i, gelu);
                if (isFirst)
                {
                    Cache.Fetch(sum + columns + i);
                }

                TSimd.Store(sum + i, TSimd.Fma(weight, gelu, isFirst ? TSimd.Zero : TSimd.Load(sum + i)));
            }
        }
    }

    /// <summary>h = gelu(pre); dots[row] += h∘dh; dh becomes dpre = weight·dh·gelu'(pre); dbase[index] += dpre, or =.
    /// </summary>
    /// <param name="dh">d(loss)/d(weighted hidden): before the weight.</param>
    /// <param name="hidden">Receives h.</param>
    /// <param name="dots">[rows, Grain]: Σ h·dh = dweight, one vector a row that is yet to be summed.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(
        Matrix dh, Matrix pre, nint toNext, int rows, int columns, int* index, float* weights, Matrix hidden,
        Matrix dbase, float* dots, bool isFirst)
    {
        for (var row = 0; row < rows; row++, dots += Matrix.Grain)
        {
            float* d = dh.Row(row), x = pre.Row(row), h = hidden.Row(row), sum = dbase.Row(index[row]);
            var weight = TSimd.Broadcast(weights[row]);
            var dot = TSimd.Load(dots);
            for (var i = 0; i < columns; i += TSimd.Width)
            {
                Cache.Fetch(x + toNext + i);
                var value = TSimd.Load(x + i);
                var square = TSimd.Multiply(value, value);
                var gelu = VectorMath<TSimd, TVector>.Gelu(value, square, out var sigmoid, out var rest);
                TSimd.Store(h + i, gelu);
                var slope = TSimd.Load(d + i);
                dot = TSimd.Fma(slope, gelu, dot);
                slope = TSimd.Multiply(
                    TSimd.Multiply(slope, weight),
                    VectorMath<TSimd, TVector>.GeluDerivative(gelu, square, sigmoid, rest));
                TSimd.Store(d + i, slope);
                if (isFirst)
                {
                    Cache.Fetch(sum + columns + i);
                }

                TSimd.Store(sum + i, isFirst ? slope : TSimd.Add(slope, TSimd.Load(sum + i)));
            }

            TSimd.Store(dots, dot);
        }
    }

    /// <summary>dots[row] += gelu(pre)∘dh alone: the last thing a router's gradient needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(Matrix dh, Matrix pre, int rows, int columns, float* dots)
    {
        for (var row = 0; row < rows; row++, dots += Matrix.Grain)
        {
            float* d = dh.Row(row), x = pre.Row(row);
            var dot = TSimd.Load(dots);
            for (var i = 0; i < columns; i += TSimd.Width)
            {
                var value = TSimd.Load(x + i);
                var gelu = VectorMath<TSimd, TVector>.Gelu(value, TSimd.Multiply(value, value), out _, out _);
                dot = TSimd.Fma(TSimd.Load(d + i), gelu, dot);
            }

            TSimd.Store(dots, dot);
        }
    }

    /// <summary>sums[row] = Σ dots[row].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumDots(float* dots, int rows, float* sums)
    {
        for (var row = 0; row < rows; row++, dots += Matrix.Grain)
        {
            sums[row] = TSimd.Sum(TSimd.Load(dots));
        }
    }
}
