using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>The elementwise middle of an expert on one panel of hidden columns: gelu, gate and mix, and the way back.
/// Rows are the expert's tokens; <c>index</c> says which. What is kept between the ways comes from memory, so the same
/// rows of the next panel, <c>toNext</c> floats on, are fetched meanwhile.</summary>
internal static unsafe class ExpertMixKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>h = gelu(pre); mix[index] += weight·h, or = for the first of experts that see every token.</summary>
    /// <param name="pre">[rows, columns]</param>
    /// <param name="hidden">Receives h.</param>
    /// <param name="slope">Receives gelu'(pre); null rows when nothing will go backward.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(
        Matrix pre, int rows, int columns, int* index, float* weights, Matrix hidden, Matrix slope, nint toNext,
        Matrix mix, bool isFirst)
    {
        for (var row = 0; row < rows; row++)
        {
            float* x = pre.Row(row), h = hidden.Row(row), sum = mix.Row(index[row]);
            var weight = TSimd.Broadcast(weights[row]);
            for (var i = 0; i < columns; i += TSimd.Width)
            {
                Cache.Fetch(h + toNext + i);
                var value = TSimd.Load(x + i);
                var square = TSimd.Multiply(value, value);
                var gelu = VectorMath<TSimd, TVector>.Gelu(value, square, out var sigmoid, out var rest);
                TSimd.Store(h + i, gelu);
                TSimd.Store(sum + i, TSimd.Fma(weight, gelu, isFirst ? TSimd.Zero : TSimd.Load(sum + i)));
                if (slope.Data != null)
                {
                    Cache.Fetch(slope.Row(row) + toNext + i);
                    var derivative = VectorMath<TSimd, TVector>.GeluDerivative(gelu, square, sigmoid, rest);
                    TSimd.Store(slope.Row(row) + i, derivative);
                }
            }
        }
    }

    /// <summary>dots[row] += h∘dh; dh becomes dpre = weight·dh·gelu'; dbase[index] += dpre, or =.</summary>
    /// <param name="dh">d(loss)/d(weighted hidden): before the weight.</param>
    /// <param name="slope">gelu'</param>
    /// <param name="dots">[rows, Grain]: Σ h·dh = dweight, one vector a row that is yet to be summed.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(
        Matrix dh, int rows, int columns, int* index, float* weights, Matrix hidden, Matrix slope, nint toNext,
        Matrix dbase, float* dots, bool isFirst)
    {
        for (var row = 0; row < rows; row++, dots += Matrix.Grain)
        {
            float* d = dh.Row(row), h = hidden.Row(row), g = slope.Row(row), sum = dbase.Row(index[row]);
            var weight = TSimd.Broadcast(weights[row]);
            var dot = TSimd.Load(dots);
            for (var i = 0; i < columns; i += TSimd.Width)
            {
                Cache.Fetch(h + toNext + i);
                Cache.Fetch(g + toNext + i);
                var value = TSimd.Load(d + i);
                dot = TSimd.Fma(value, TSimd.Load(h + i), dot);
                value = TSimd.Multiply(TSimd.Multiply(value, weight), TSimd.Load(g + i));
                TSimd.Store(d + i, value);
                TSimd.Store(sum + i, isFirst ? value : TSimd.Add(value, TSimd.Load(sum + i)));
            }

            TSimd.Store(dots, dot);
        }
    }

    /// <summary>dots[row] += h∘dh alone: the last thing a router's gradient needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(Matrix dh, int rows, int columns, Matrix hidden, float* dots)
    {
        for (var row = 0; row < rows; row++, dots += Matrix.Grain)
        {
            float* d = dh.Row(row), h = hidden.Row(row);
            var dot = TSimd.Load(dots);
            for (var i = 0; i < columns; i += TSimd.Width)
            {
                dot = TSimd.Fma(TSimd.Load(d + i), TSimd.Load(h + i), dot);
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
