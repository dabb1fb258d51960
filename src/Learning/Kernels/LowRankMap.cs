using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Kernels;

/// <summary>The operands of one adapter or one router, for both ways: forward y += (x·Down)·Up, backward
/// dx += (dy·DownBack)·UpBack. r rank · in and out the site's widths.</summary>
/// <param name="first">A [r, in], or a router's weight [n, d].</param>
/// <param name="second">B [out, r]; a router has none.</param>
/// <param name="scale">γ</param>
internal sealed unsafe class LowRankMap(Parameter first, Parameter? second, float scale)
{
    private float* down;
    private float* up;
    private float* downBack;
    private float* upBack;
    private int panelWidth;
    private bool isPaired;

    public Parameter A => first;

    public Parameter B => second!;

    public int Rank => first.Rows;

    /// <summary>Aᵀ, in × r.</summary>
    public Panels Down => Narrow(down);

    /// <summary>γ·Bᵀ, r × out.</summary>
    public Panels Up => new(up, panelWidth, Rank * panelWidth);

    /// <summary>γ·B, out × r.</summary>
    public Panels DownBack => Narrow(downBack);

    /// <summary>A, r × in.</summary>
    public Panels UpBack => new(upBack, panelWidth, Rank * panelWidth);

    /// <summary>Takes the memory.</summary>
    /// <param name="vectorWidth">Floats in a vector.</param>
    public void Take(ref Arena.Cursor arena, int vectorWidth)
    {
        panelWidth = 2 * vectorWidth;
        isPaired = 2 * Rank <= vectorWidth;
        down = arena.Floats(NarrowLength(first.Columns));
        upBack = arena.Floats(Packing.PackedLength(Rank, first.Columns, panelWidth));
        if (second is not null)
        {
            up = arena.Floats(Packing.PackedLength(Rank, second.Rows, panelWidth));
            downBack = arena.Floats(NarrowLength(second.Rows));
        }
    }

    /// <summary>Lays out new values.</summary>
    /// <param name="parameters">The user's flat vector.</param>
    public void Load(float* parameters)
    {
        var a = parameters + first.Offset;
        Packing.Pack(a, first.Columns, Rank, first.Columns, panelWidth, upBack);
        if (isPaired)
        {
            Packing.PackPairs(a, 1, first.Columns, first.Columns, Rank, 1, panelWidth / 2, down);
        }
        else
        {
            Packing.Transpose(a, first.Columns, Rank, 1, down);
        }

        if (second is null)
        {
            return;
        }

        var b = parameters + second.Offset;
        Packing.PackTransposed(b, Rank, Rank, second.Rows, scale, panelWidth, up);
        if (isPaired)
        {
            Packing.PackPairs(b, Rank, 1, second.Rows, Rank, scale, panelWidth / 2, downBack);
        }
        else
        {
            Packing.Copy(b, Rank, second.Rows, Rank, scale, downBack);
        }
    }

    private long NarrowLength(int rows) =>
        isPaired ? (rows + 1L) / 2 * (panelWidth / 2) : rows * (long)Matrix.Padded(Rank);

    private Panels Narrow(float* data) => isPaired
        ? new(data, panelWidth / 2, 0, isPaired: true)
        : new(data, Matrix.Padded(Rank), panelWidth);
}
