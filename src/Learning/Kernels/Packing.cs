using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

    /// <summary>scale · the transpose of source [columns, rows] into panels of <paramref name="panelWidth"/>
    /// columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackTransposed(
        float* source, nint stride, int rows, int columns, float scale, int panelWidth, float* target)
    {
        for (var start = 0; start < columns; start += panelWidth, target += (nint)rows * panelWidth)
        {
            var width = Math.Min(panelWidth, columns - start);
            if (width < panelWidth)
            {
                new Span<float>(target, checked(rows * panelWidth)).Clear();
            }

            Turn(source + (start * stride), stride, rows, width, scale, target, panelWidth);
        }
    }

    /// <summary>scale · a matrix of few columns with two of its rows in each row of <paramref name="lanes"/> floats:
    /// (0, 0), (1, 0), (0, 1), (1, 1), …</summary>
    /// <param name="rowStep">Floats of the source from row to row; as for columns.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackPairs(
        float* source, nint rowStep, nint columnStep, int rows, int columns, float scale, int lanes, float* target)
    {
        for (var row = 0; row < rows; row += 2, target += lanes)
        {
            var isPair = row + 1 < rows;
            for (var column = 0; column < columns; column++)
            {
                var at = source + (row * rowStep) + (column * columnStep);
                target[2 * column] = scale * at[0];
                target[(2 * column) + 1] = isPair ? scale * at[rowStep] : 0;
            }

            new Span<float>(target + (2 * columns), lanes - (2 * columns)).Clear();
        }
    }

    /// <summary>scale · source [rows, columns] into padded rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Matrix Copy(float* source, nint stride, int rows, int columns, float scale, float* target)
    {
        var result = new Matrix(target, Matrix.Padded(columns));
        var scales = Vector128.Create(scale);
        for (var row = 0; row < rows; row++, source += stride, target += result.Stride)
        {
            var column = 0;
            for (; column <= columns - 4; column += 4)
            {
                (Vector128.Load(source + column) * scales).Store(target + column);
            }

            for (; column < columns; column++)
            {
                target[column] = scale * source[column];
            }

            for (; column < result.Stride; column++)
            {
                target[column] = 0;
            }
        }

        return result;
    }

    /// <summary>scale · the transpose of source [columns, rows] (no padding) into padded rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Matrix Transpose(float* source, int rows, int columns, float scale, float* target)
    {
        var result = new Matrix(target, Matrix.Padded(columns));
        Turn(source, rows, rows, columns, scale, target, result.Stride);
        for (var row = 0; row < rows; row++)
        {
            new Span<float>(result.Row(row) + columns, result.Stride - columns).Clear();
        }

        return result;
    }

    /// <summary>target[row, column] = scale · source[column, row], in squares of four where the machine can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(
        float* source, nint sourceStride, int rows, int columns, float scale, float* target, nint targetStride)
    {
        var squareRows = Sse.IsSupported ? rows & -4 : 0;
        for (var column = 0; column < columns; column++)
        {
            var isSquare = column + 4 <= columns;
            var from = source + (column * sourceStride);
            var to = target + column;
            for (var row = 0; isSquare && row < squareRows; row += 4)
            {
                TurnSquare(from + row, sourceStride, scale, to + (row * targetStride), targetStride);
            }

            var count = isSquare && squareRows > 0 ? 4 : 1;
            for (var row = isSquare ? squareRows : 0; row < rows; row++)
            {
                for (var i = 0; i < count; i++)
                {
                    to[(row * targetStride) + i] = scale * from[(i * sourceStride) + row];
                }
            }

            column += count - 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnSquare(float* source, nint sourceStride, float scale, float* target, nint targetStride)
    {
        var scales = Vector128.Create(scale);
        var a = Vector128.Load(source) * scales;
        var b = Vector128.Load(source + sourceStride) * scales;
        var c = Vector128.Load(source + (2 * sourceStride)) * scales;
        var d = Vector128.Load(source + (3 * sourceStride)) * scales;
        Vector128<float> abLow = Sse.UnpackLow(a, b), abHigh = Sse.UnpackHigh(a, b);
        Vector128<float> cdLow = Sse.UnpackLow(c, d), cdHigh = Sse.UnpackHigh(c, d);
        Sse.MoveLowToHigh(abLow, cdLow).Store(target);
        Sse.MoveHighToLow(cdLow, abLow).Store(target + targetStride);
        Sse.MoveLowToHigh(abHigh, cdHigh).Store(target + (2 * targetStride));
        Sse.MoveHighToLow(cdHigh, abHigh).Store(target + (3 * targetStride));
    }

    private static void CopyRow(float* source, int width, float* target, int paddedWidth)
    {
        new ReadOnlySpan<float>(source, width).CopyTo(new Span<float>(target, width));
        new Span<float>(target + width, paddedWidth - width).Clear();
    }
}
