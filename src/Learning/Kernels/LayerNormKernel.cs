using System.Runtime.CompilerServices;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Kernels;

/// <summary>Layer norm over rows of d floats. Scale and shift are padded with zeros.</summary>
internal static unsafe class LayerNormKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>z = (x − mean)·rstd·scale + shift.</summary>
    /// <param name="x">[rows, width]</param>
    /// <param name="statistics">Receives mean and reciprocal deviation, [rows, 2].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(Matrix x, int rows, int width, NormWeights norm, Matrix z, float* statistics)
    {
        var whole = width - (width % TSimd.Width);
        for (var row = 0; row < rows; row++)
        {
            float* from = x.Row(row), to = z.Row(row);
            var sums = TSimd.Zero;
            for (var i = 0; i < whole; i += TSimd.Width)
            {
                sums = TSimd.Add(sums, TSimd.Load(from + i));
            }

            var sum = TSimd.Sum(sums);
            for (var i = whole; i < width; i++)
            {
                sum += from[i];
            }

            var mean = sum / width;
            var means = TSimd.Broadcast(mean);
            sums = TSimd.Zero;
            for (var i = 0; i < whole; i += TSimd.Width)
            {
                var apart = TSimd.Subtract(TSimd.Load(from + i), means);
                sums = TSimd.Fma(apart, apart, sums);
            }

            sum = TSimd.Sum(sums);
            for (var i = whole; i < width; i++)
            {
                sum += (from[i] - mean) * (from[i] - mean);
            }

            var scale = 1 / MathF.Sqrt((sum / width) + ModelShape.LayerNormEpsilon);
            var scales = TSimd.Broadcast(scale);
            for (var i = 0; i < width; i += TSimd.Width)
            {
                var normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + i), means), scales);
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
}
