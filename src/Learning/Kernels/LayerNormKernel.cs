using System.Runtime.CompilerServices;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Kernels;

/// <summary>Layer norm over rows of d floats. Scale and shift are padded with zeros. Sums run in two chains, because an
/// addition has to wait for the one before it.</summary>
internal static unsafe class LayerNormKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Rows from the one at work to the one that is fetched.</summary>
    private const int Ahead = 4;

    /// <summary>z = (x − mean)·rstd·scale + shift.</summary>
    /// <param name="x">[rows, width]</param>
    /// <param name="statistics">Receives mean and reciprocal deviation, [rows, 2].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(Matrix x, int rows, int width, NormWeights norm, Matrix z, float* statistics)
    {
        for (var row = 0; row < rows; row++)
        {
            float* from = x.Row(row), to = z.Row(row);
            var mean = Sum(from, width) / width;
            var scale = 1 / MathF.Sqrt((SumOfSquares(from, width, mean) / width) + ModelShape.LayerNormEpsilon);
            TVector means = TSimd.Broadcast(mean), scales = TSimd.Broadcast(scale);
            for (var i = 0; i < width; i += TSimd.Width)
            {
                var normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + i), means), scales);
                Cache.Fetch(to + i + (Ahead * z.Stride));
                TSimd.Store(to + i, TSimd.Fma(normal, TSimd.Load(norm.Scale + i), TSimd.Load(norm.Shift + i)));
            }

            statistics[2 * row] = mean;
            statistics[(2 * row) + 1] = scale;
        }
    }

    /// <summary>dx += rstd·(g − mean(g) − x̂·mean(g·x̂)) with g = dz·scale and x̂ = (x − mean)·rstd.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(
        Matrix x, float* statistics, int rows, int width, NormWeights norm, Matrix dz, Matrix dx)
    {
        for (var row = 0; row < rows; row++)
        {
            float* from = x.Row(row), slope = dz.Row(row), to = dx.Row(row);
            var means = TSimd.Broadcast(statistics[2 * row]);
            var scales = TSimd.Broadcast(statistics[(2 * row) + 1]);
            TVector sums = TSimd.Zero, products = TSimd.Zero;
            for (var i = 0; i < width; i += TSimd.Width)
            {
                // Padding adds nothing: its scale is zero, so g is.
                Cache.Fetch(from + i + (Ahead * x.Stride));
                var g = TSimd.Multiply(TSimd.Load(slope + i), TSimd.Load(norm.Scale + i));
                var normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + i), means), scales);
                sums = TSimd.Add(sums, g);
                products = TSimd.Fma(g, normal, products);
            }

            var mean = TSimd.Broadcast(TSimd.Sum(sums) / width);
            var meanProduct = TSimd.Broadcast(TSimd.Sum(products) / width);
            for (var i = 0; i < width; i += TSimd.Width)
            {
                var g = TSimd.Multiply(TSimd.Load(slope + i), TSimd.Load(norm.Scale + i));
                var normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + i), means), scales);
                g = TSimd.Subtract(TSimd.Subtract(g, mean), TSimd.Multiply(normal, meanProduct));
                TSimd.Store(to + i, TSimd.Fma(g, scales, TSimd.Load(to + i)));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(float* x, int width)
    {
        TVector even = TSimd.Zero, odd = TSimd.Zero;
        var i = 0;
        for (; i <= width - (2 * TSimd.Width); i += 2 * TSimd.Width)
        {
            even = TSimd.Add(even, TSimd.Load(x + i));
            odd = TSimd.Add(odd, TSimd.Load(x + i + TSimd.Width));
        }

        var sum = TSimd.Sum(TSimd.Add(even, odd));
        for (; i < width; i++)
        {
            sum += x[i];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SumOfSquares(float* x, int width, float mean)
    {
        TVector even = TSimd.Zero, odd = TSimd.Zero, means = TSimd.Broadcast(mean);
        var i = 0;
        for (; i <= width - (2 * TSimd.Width); i += 2 * TSimd.Width)
        {
            TVector a = TSimd.Subtract(TSimd.Load(x + i), means);
            TVector b = TSimd.Subtract(TSimd.Load(x + i + TSimd.Width), means);
            even = TSimd.Fma(a, a, even);
            odd = TSimd.Fma(b, b, odd);
        }

        var sum = TSimd.Sum(TSimd.Add(even, odd));
        for (; i < width; i++)
        {
            sum += (x[i] - mean) * (x[i] - mean);
        }

        return sum;
    }
}
