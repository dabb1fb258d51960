using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>The matrix product: tiles of 8 rows × 2 vectors whose 16 accumulators never leave the registers. Every
/// element is summed in order of k, so a result does not depend on which tile it fell into. A tile with fewer rows than
/// it is tall computes and stores its last row again.</summary>
internal static unsafe partial class ProductKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Columns of a panel.</summary>
    public static int PanelWidth
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TSimd.Width;
    }

    /// <summary>A padded row-major matrix as right-hand operand.</summary>
    public static Panels RowMajor(Matrix matrix) => new(matrix.Data, matrix.Stride, PanelWidth);

    /// <summary>A packed matrix of <paramref name="depth"/> rows as right-hand operand.</summary>
    public static Panels Packed(float* data, int depth) => new(data, PanelWidth, (nint)depth * PanelWidth);

    /// <summary>Computes <paramref name="rows"/> × <paramref name="columns"/> of C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    public static void Run(in Product product, int rows, int columns)
    {
        Unsafe.SkipInit(out ProductTile tile);
        var tallest = TSimd.HasManyRegisters ? 8 : 4;
        for (var column = 0; column < columns; column += PanelWidth)
        {
            var isNarrow = columns - column <= TSimd.Width;
            tile.Open(product, column, column / PanelWidth);
            for (var row = 0; row < rows;)
            {
                var left = rows - row;
                if (isNarrow)
                {
                    tile.MoveTo(product, row, Math.Min(left, 8));
                    if (product.BIsPaired)
                    {
                        Tile8xPairs(product, tile);
                    }
                    else
                    {
                        Tile8x1(product, tile);
                    }

                    row += 8;
                }
                else if (left > 4 && tallest == 8)
                {
                    tile.MoveTo(product, row, Math.Min(left, 8));
                    Tile8x2(product, tile);
                    row += 8;
                }
                else
                {
                    tile.MoveTo(product, row, Math.Min(left, 4));
                    Tile4x2(product, tile);
                    row += 4;
                }
            }
        }
    }
}
