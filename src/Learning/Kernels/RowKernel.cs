using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>Small helpers on rows.</summary>
internal static unsafe class RowKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Zeroes columns up to the next whole vector, and fetches as many to the right of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Clear(Matrix matrix, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            var line = matrix.Row(row);
            for (var i = 0; i < columns; i += TSimd.Width)
            {
                Cache.Fetch(line + columns + i);
                TSimd.Store(line + i, TSimd.Zero);
            }
        }
    }

    /// <summary>target = matrix with row i times factors[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(Matrix matrix, int rows, int columns, float* factors, Matrix target)
    {
        for (var row = 0; row < rows; row++)
        {
            float* line = matrix.Row(row), to = target.Row(row);
            var factor = TSimd.Broadcast(factors[row]);
            for (var i = 0; i < columns; i += TSimd.Width)
            {
                TSimd.Store(to + i, TSimd.Multiply(TSimd.Load(line + i), factor));
            }
        }
    }

    /// <summary>sums[i] += row index[i] · vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddDots(Matrix matrix, int* index, int rows, int columns, float* vector, float* sums)
    {
        for (var row = 0; row < rows; row++)
        {
            var line = matrix.Row(index[row]);
            var dot = TSimd.Zero;
            for (var i = 0; i < columns; i += TSimd.Width)
            {
                dot = TSimd.Fma(TSimd.Load(line + i), TSimd.Load(vector + i), dot);
            }

            sums[row] += TSimd.Sum(dot);
        }
    }

    /// <summary>target[i] = source[index[i]].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather(Matrix source, int* index, int rows, int columns, Matrix target)
    {
        for (var row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(source.Row(index[row]), columns).CopyTo(new Span<float>(target.Row(row), columns));
        }
    }

    /// <summary>target [rows, columns] += scale · source; target's rows are <paramref name="stride"/> apart.</summary>
    public static void AddTo(Matrix source, int rows, int columns, float scale, float* target, int stride)
    {
        for (var row = 0; row < rows; row++, target += stride)
        {
            for (var i = 0; i < columns; i += Matrix.Grain)
            {
                Cache.Fetch(target + columns + i);
            }

            Fold.Scaled<TSimd, TVector>(target, source.Row(row), columns, scale);
        }
    }

    /// <summary>target [columns, rows] (no padding) += scale · the transpose of source [rows, columns].</summary>
    /// <param name="scratch">rows · columns floats.</param>
    public static void AddTransposedTo(
        Matrix source, int rows, int columns, float scale, float* target, float* scratch)
    {
        for (var i = 0; i < rows * columns; i += Matrix.Grain)
        {
            Cache.Fetch(target + (rows * columns) + i);
        }

        Packing.Turn(source.Data, source.Stride, columns, rows, scale, scratch, rows);
        Fold.Scaled<TSimd, TVector>(target, scratch, rows * columns, 1);
    }
}
