using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>The token embedding E [V, d] for both ways through the head, in blocks of <see cref="Columns"/> entries.
/// A block holds Eᵀ in panels (d × entries), then E in panels (entries × d): the head reads it all in order.</summary>
internal readonly unsafe struct VocabularyPanels(float* data, int size, int width, int panelWidth)
{
    /// <summary>Entries of a block: so many logits of a token exist at once.</summary>
    public const int Columns = 256;

    /// <summary>Floats it takes.</summary>
    public static long Length(int size, int width, int panelWidth)
    {
        var last = size % Columns;
        return (size / Columns * BlockLength(Columns, width, panelWidth)) + BlockLength(last, width, panelWidth);
    }

    /// <param name="embedding">[V, d]</param>
    public void Fill(float* embedding)
    {
        for (var start = 0; start < size; start += Columns)
        {
            var count = Math.Min(Columns, size - start);
            var rows = embedding + ((nint)start * width);
            Packing.PackTransposed(rows, width, width, count, 1, panelWidth, Forward(start));
            Packing.Pack(rows, width, count, width, panelWidth, Backward(start).Data);
        }
    }

    /// <summary>d × entries of the block that starts at entry <paramref name="start"/>, in panels.</summary>
    public float* Forward(int start) =>
        data + (start / Columns * BlockLength(Columns, width, panelWidth));

    /// <summary>Entries × d of that block.</summary>
    public Panels Backward(int start)
    {
        var count = Math.Min(Columns, size - start);
        var rows = Forward(start) + Packing.PackedLength(width, count, panelWidth);
        return new(rows, panelWidth, (nint)count * panelWidth);
    }

    /// <summary>A token's embedding from a column on, to the end of that column's panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* At(int token, int column)
    {
        var panels = Backward(token / Columns * Columns);
        return panels.Data + (column / panelWidth * panels.Panel) + (token % Columns * panelWidth)
            + (column % panelWidth);
    }

    private static long BlockLength(int count, int width, int panelWidth) =>
        Packing.PackedLength(width, count, panelWidth) + Packing.PackedLength(count, width, panelWidth);
}
