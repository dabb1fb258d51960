using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>The matrix product: tiles of 8 rows × 2 vectors whose 16 accumulators never leave the registers. Every
/// element is summed in order of k, so a result does not depend on which tile it fell into.</summary>
internal static unsafe class ProductKernel<TSimd, TVector>
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Product product, int rows, int columns)
    {
        for (var column = 0; column < columns; column += PanelWidth)
        {
            if (columns - column > TSimd.Width)
            {
                RunPanel(product, rows, column);
            }
            else
            {
                for (var row = 0; row < rows; row += 8)
                {
                    Tile8x1(product, row, Math.Min(8, rows - row), column);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPanel(in Product product, int rows, int column)
    {
        var row = 0;
        if (TSimd.HasManyRegisters)
        {
            for (; row < rows - 4; row += 8)
            {
                Tile8x2(product, row, Math.Min(8, rows - row), column);
            }
        }

        for (; row < rows; row += 4)
        {
            Tile4x2(product, row, Math.Min(4, rows - row), column);
        }
    }

    // A tile with fewer rows than it is tall repeats its last row and stores it once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x2(in Product p, int row, int rows, int column)
    {
        var panel = column / PanelWidth;
        var a = p.A + RowOffset(p, row);
        var b = p.B + (panel * p.BPanel);
        nint aStep = p.AStep, bStep = p.BRow, depth = p.Depth;
        int last = row + rows - 1;
        nint o1 = Apart(p, row, 1, last), o2 = Apart(p, row, 2, last), o3 = Apart(p, row, 3, last);
        nint o4 = Apart(p, row, 4, last), o5 = Apart(p, row, 5, last), o6 = Apart(p, row, 6, last);
        nint o7 = Apart(p, row, 7, last);
        TVector c00 = TSimd.Zero, c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
        TVector c40 = c00, c41 = c00, c50 = c00, c51 = c00, c60 = c00, c61 = c00, c70 = c00, c71 = c00;
        for (var segment = 0; ; segment++)
        {
            for (; depth > 0; depth--)
            {
                TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width), x = TSimd.Broadcast(*a);
                c00 = TSimd.Fma(x, b0, c00);
                c01 = TSimd.Fma(x, b1, c01);
                x = TSimd.Broadcast(a[o1]);
                c10 = TSimd.Fma(x, b0, c10);
                c11 = TSimd.Fma(x, b1, c11);
                x = TSimd.Broadcast(a[o2]);
                c20 = TSimd.Fma(x, b0, c20);
                c21 = TSimd.Fma(x, b1, c21);
                x = TSimd.Broadcast(a[o3]);
                c30 = TSimd.Fma(x, b0, c30);
                c31 = TSimd.Fma(x, b1, c31);
                x = TSimd.Broadcast(a[o4]);
                c40 = TSimd.Fma(x, b0, c40);
                c41 = TSimd.Fma(x, b1, c41);
                x = TSimd.Broadcast(a[o5]);
                c50 = TSimd.Fma(x, b0, c50);
                c51 = TSimd.Fma(x, b1, c51);
                x = TSimd.Broadcast(a[o6]);
                c60 = TSimd.Fma(x, b0, c60);
                c61 = TSimd.Fma(x, b1, c61);
                x = TSimd.Broadcast(a[o7]);
                c70 = TSimd.Fma(x, b0, c70);
                c71 = TSimd.Fma(x, b1, c71);
                a += aStep;
                b += bStep;
            }

            if (segment == 1 || p.Depth2 == 0)
            {
                break;
            }

            a = p.A2 + (row * p.A2Row);
            b = p.B2 + (panel * p.B2Panel);
            (aStep, bStep, depth) = (1, p.B2Row, p.Depth2);
            o1 = Apart2(p, 1, rows);
            o2 = Apart2(p, 2, rows);
            o3 = Apart2(p, 3, rows);
            o4 = Apart2(p, 4, rows);
            o5 = Apart2(p, 5, rows);
            o6 = Apart2(p, 6, rows);
            o7 = Apart2(p, 7, rows);
        }

        Finish(p, row, column, c00, c01);
        if (rows > 1) Finish(p, row + 1, column, c10, c11);
        if (rows > 2) Finish(p, row + 2, column, c20, c21);
        if (rows > 3) Finish(p, row + 3, column, c30, c31);
        if (rows > 4) Finish(p, row + 4, column, c40, c41);
        if (rows > 5) Finish(p, row + 5, column, c50, c51);
        if (rows > 6) Finish(p, row + 6, column, c60, c61);
        if (rows > 7) Finish(p, row + 7, column, c70, c71);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2(in Product p, int row, int rows, int column)
    {
        var panel = column / PanelWidth;
        var a = p.A + RowOffset(p, row);
        var b = p.B + (panel * p.BPanel);
        nint aStep = p.AStep, bStep = p.BRow, depth = p.Depth;
        int last = row + rows - 1;
        nint o1 = Apart(p, row, 1, last), o2 = Apart(p, row, 2, last), o3 = Apart(p, row, 3, last);
        TVector c00 = TSimd.Zero, c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
        for (var segment = 0; ; segment++)
        {
            for (; depth > 0; depth--)
            {
                TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width), x = TSimd.Broadcast(*a);
                c00 = TSimd.Fma(x, b0, c00);
                c01 = TSimd.Fma(x, b1, c01);
                x = TSimd.Broadcast(a[o1]);
                c10 = TSimd.Fma(x, b0, c10);
                c11 = TSimd.Fma(x, b1, c11);
                x = TSimd.Broadcast(a[o2]);
                c20 = TSimd.Fma(x, b0, c20);
                c21 = TSimd.Fma(x, b1, c21);
                x = TSimd.Broadcast(a[o3]);
                c30 = TSimd.Fma(x, b0, c30);
                c31 = TSimd.Fma(x, b1, c31);
                a += aStep;
                b += bStep;
            }

            if (segment == 1 || p.Depth2 == 0)
            {
                break;
            }

            a = p.A2 + (row * p.A2Row);
            b = p.B2 + (panel * p.B2Panel);
            (aStep, bStep, depth) = (1, p.B2Row, p.Depth2);
            o1 = Apart2(p, 1, rows);
            o2 = Apart2(p, 2, rows);
            o3 = Apart2(p, 3, rows);
        }

        Finish(p, row, column, c00, c01);
        if (rows > 1) Finish(p, row + 1, column, c10, c11);
        if (rows > 2) Finish(p, row + 2, column, c20, c21);
        if (rows > 3) Finish(p, row + 3, column, c30, c31);
    }

    // The last panel when it is at most one vector wide: low-rank factors, routers, odd widths.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x1(in Product p, int row, int rows, int column)
    {
        var panel = column / PanelWidth;
        var a = p.A + RowOffset(p, row);
        var b = p.B + (panel * p.BPanel);
        nint aStep = p.AStep, bStep = p.BRow, depth = p.Depth;
        int last = row + rows - 1;
        nint o1 = Apart(p, row, 1, last), o2 = Apart(p, row, 2, last), o3 = Apart(p, row, 3, last);
        nint o4 = Apart(p, row, 4, last), o5 = Apart(p, row, 5, last), o6 = Apart(p, row, 6, last);
        nint o7 = Apart(p, row, 7, last);
        TVector c0 = TSimd.Zero, c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
        for (var segment = 0; ; segment++)
        {
            for (; depth > 0; depth--)
            {
                var b0 = TSimd.Load(b);
                c0 = TSimd.Fma(TSimd.Broadcast(*a), b0, c0);
                c1 = TSimd.Fma(TSimd.Broadcast(a[o1]), b0, c1);
                c2 = TSimd.Fma(TSimd.Broadcast(a[o2]), b0, c2);
                c3 = TSimd.Fma(TSimd.Broadcast(a[o3]), b0, c3);
                c4 = TSimd.Fma(TSimd.Broadcast(a[o4]), b0, c4);
                c5 = TSimd.Fma(TSimd.Broadcast(a[o5]), b0, c5);
                c6 = TSimd.Fma(TSimd.Broadcast(a[o6]), b0, c6);
                c7 = TSimd.Fma(TSimd.Broadcast(a[o7]), b0, c7);
                a += aStep;
                b += bStep;
            }

            if (segment == 1 || p.Depth2 == 0)
            {
                break;
            }

            a = p.A2 + (row * p.A2Row);
            b = p.B2 + (panel * p.B2Panel);
            (aStep, bStep, depth) = (1, p.B2Row, p.Depth2);
            o1 = Apart2(p, 1, rows);
            o2 = Apart2(p, 2, rows);
            o3 = Apart2(p, 3, rows);
            o4 = Apart2(p, 4, rows);
            o5 = Apart2(p, 5, rows);
            o6 = Apart2(p, 6, rows);
            o7 = Apart2(p, 7, rows);
        }

        Finish(p, row, column, c0);
        if (rows > 1) Finish(p, row + 1, column, c1);
        if (rows > 2) Finish(p, row + 2, column, c2);
        if (rows > 3) Finish(p, row + 3, column, c3);
        if (rows > 4) Finish(p, row + 4, column, c4);
        if (rows > 5) Finish(p, row + 5, column, c5);
        if (rows > 6) Finish(p, row + 6, column, c6);
        if (rows > 7) Finish(p, row + 7, column, c7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint RowOffset(in Product p, int row) => (p.AIndex == null ? row : p.AIndex[row]) * p.ARow;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Apart(in Product p, int row, int i, int last) =>
        RowOffset(p, Math.Min(row + i, last)) - RowOffset(p, row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Apart2(in Product p, int i, int rows) => Math.Min(i, rows - 1) * p.A2Row;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(in Product p, int row, int column, TVector c0, TVector c1)
    {
        Finish(p, row, column, c0);
        Finish(p, row, column + TSimd.Width, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(in Product p, int row, int column, TVector sum)
    {
        if (p.Bias != null)
        {
            var bias = TSimd.Load(p.Bias + column);
            sum = p.BiasScale == null
                ? TSimd.Add(sum, bias)
                : TSimd.Fma(TSimd.Broadcast(p.BiasScale[row]), bias, sum);
        }

        if (p.Addend != null)
        {
            var at = (p.AddendIndex == null ? row : p.AddendIndex[row]) * p.AddendRow;
            sum = TSimd.Add(sum, TSimd.Load(p.Addend + at + column));
        }

        TSimd.Store(p.C + ((p.CIndex == null ? row : p.CIndex[row]) * p.CRow) + column, sum);
    }
}
