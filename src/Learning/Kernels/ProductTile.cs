using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoMiGS.Learning.Kernels;

/// <summary>Where the operands of one tile of a <see cref="Product"/> lie: the first row of each, and how far its other
/// rows are from that, in floats. Worked out before a tile, so that the tile itself is only arithmetic.</summary>
internal unsafe struct ProductTile
{
    /// <summary>Rows of the tallest tile.</summary>
    public const int Height = 8;

    public float* A, B, A2, B2, Bias, Addend, C, Ahead;
    public fixed int ARows[Height], A2Rows[Height], AddendRows[Height], CRows[Height];
    public fixed float BiasScale[Height];
    private float* addend, c;
    private int filled;

    /// <summary>Goes to the panel of columns that starts at <paramref name="column"/>.</summary>
    public void Open(in Product p, int column, int panel)
    {
        B = p.B + (panel * p.BPanel);
        B2 = p.B2 + (panel * p.B2Panel);
        Bias = p.Bias == null ? null : p.Bias + column;
        addend = p.Addend == null ? null : p.Addend + column;
        c = p.C + column;
        filled = 0;
    }

    /// <summary>Goes to rows [row, row + rows) of the panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void MoveTo(in Product p, int row, int rows)
    {
        // Rows without an index are equally far apart in every tile.
        var isOther = filled != rows;
        filled = rows;
        A = First(p.A, p.AIndex, p.ARow, row);
        C = First(c, p.CIndex, p.CRow, row);

        // A tile asks for a line every eight steps: sixteen tiles fetch a panel.
        Ahead = p.Streams && row < 16 * Height ? B + p.BPanel + (p.Depth * 2 * (nint)(row / Height)) : B;

        if (isOther || p.AIndex != null)
        {
            Fill(ref ARows[0], p.AIndex, p.ARow, row, rows);
        }

        if (isOther || p.CIndex != null)
        {
            Fill(ref CRows[0], p.CIndex, p.CRow, row, rows);
        }

        if (p.Depth2 > 0)
        {
            A2 = p.A2 + (row * p.A2Row);
            if (isOther)
            {
                Fill(ref A2Rows[0], null, p.A2Row, row, rows);
            }
        }

        if (addend != null)
        {
            Addend = First(addend, p.AddendIndex, p.AddendRow, row);
            if (isOther || p.AddendIndex != null)
            {
                Fill(ref AddendRows[0], p.AddendIndex, p.AddendRow, row, rows);
            }
        }
        else
        {
            Addend = null;
        }

        if (Bias != null && (isOther || p.BiasScale != null))
        {
            for (var i = 0; i < Height; i++)
            {
                BiasScale[i] = p.BiasScale == null ? 1 : p.BiasScale[row + Math.Min(i, rows - 1)];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* First(float* data, int* index, nint stride, int row) =>
        data + ((index == null ? row : index[row]) * stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fill(ref int offsets, int* index, nint stride, int row, int rows)
    {
        if (index == null)
        {
            var i = Vector256.Min(Vector256<int>.Indices, Vector256.Create(rows - 1));
            (i * (int)stride).StoreUnsafe(ref offsets);
        }
        else if (rows == Height)
        {
            ((Vector256.Load(index + row) - Vector256.Create(index[row])) * (int)stride).StoreUnsafe(ref offsets);
        }
        else
        {
            for (var i = 0; i < Height; i++)
            {
                Unsafe.Add(ref offsets, i) = (index[row + Math.Min(i, rows - 1)] - index[row]) * (int)stride;
            }
        }
    }
}
