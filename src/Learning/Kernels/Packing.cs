using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>Copies matrices into the layouts that <see cref="Product"/> reads. Padding is zero.</summary>
internal static unsafe class Packing
{
    /// <summary>Floats of a packed [rows, columns] matrix.</summary>
    public static long PackedLength(int rows, int columns, int panelWidth) =>
        (long)rows * ((columns + panelWidth - 1) / panelWidth * panelWidth);

    /// <summary>source [rows, columns] into panels of <paramref name="panelWidth"/> columns, each [rows, panelWidth].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* source, nint stride, int rows, int columns, int panelWidth, float* target)
    {
        for (var start = 0; start < columns; start += panelWidth)
        {
            var width = Math.Min(panelWidth, columns - start);
            for (var row = 0; row < rows; row++, target += panelWidth)
            {
                CopyRow(source + (row * stride) + start, width, target, panelWidth);
            }
        }
    }

    /// <summary>The transpose of source [columns, rows] into panels of <paramref name="panelWidth"/> columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackTransposed(float* source, nint stride, int rows, int columns, int panelWidth, float* target)
    {
        for (var start = 0; start < columns; start += panelWidth, target += (nint)rows * panelWidth)
        {
            var width = Math.Min(panelWidth, columns - start);
            if (width < panelWidth)
            {
                new Span<float>(target, checked(rows * panelWidth)).Clear();
            }

            for (var column = 0; column < width; column++)
            {
                var line = source + ((start + column) * stride);
                var at = target + column;
                for (var row = 0; row < rows; row++, at += panelWidth)
                {
                    *at = line[row];
                }
            }
        }
    }

    /// <summary>scale · source [rows, columns] into padded rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Matrix Copy(float* source, nint stride, int rows, int columns, float scale, float* target)
    {
        var result = new Matrix(target, Matrix.Padded(columns));
        for (var row = 0; row < rows; row++)
        {
            var to = result.Row(row);
            CopyRow(source + (row * stride), columns, to, result.Stride);
            for (var column = 0; scale != 1 && column < columns; column++)
            {
                to[column] *= scale;
            }
        }

        return result;
    }

    /// <summary>scale · the transpose of source [columns, rows] (no padding) into padded rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Matrix Transpose(float* source, int rows, int columns, float scale, float* target)
    {
        var result = new Matrix(target, Matrix.Padded(columns));
        for (var row = 0; row < rows; row++)
        {
            var to = result.Row(row);
            var from = source + row;
            for (var column = 0; column < columns; column++, from += rows)
            {
                to[column] = scale * *from;
            }

            new Span<float>(to + columns, result.Stride - columns).Clear();
        }

        return result;
    }

    private static void CopyRow(float* source, int width, float* target, int paddedWidth)
    {
        new ReadOnlySpan<float>(source, width).CopyTo(new Span<float>(target, width));
        new Span<float>(target + width, paddedWidth - width).Clear();
    }
}
