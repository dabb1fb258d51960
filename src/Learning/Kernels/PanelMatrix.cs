namespace CoMiGS.Learning.Kernels;

/// <summary>A matrix stored panel after panel, each [rows, <see cref="Columns"/>] without gaps: what is computed and
/// used panel by panel streams through memory in order.</summary>
internal readonly unsafe struct PanelMatrix(float* data, long rows)
{
    /// <summary>Columns of a panel: some of a product's panels at every level. More would leave the first-level cache,
    /// fewer are more calls.</summary>
    public const int Columns = 64;

    /// <summary>Floats it takes.</summary>
    public static long Length(long rows, int columns) => rows * ((columns + Columns - 1) & -Columns);

    /// <summary>Floats from a panel to the next.</summary>
    public nint PanelLength => (nint)rows * Columns;

    /// <summary>Rows from <paramref name="row"/> on of the panel that starts at <paramref name="column"/>.</summary>
    public Matrix Panel(int row, int column) => new(data + (column * rows) + ((long)row * Columns), Columns);
}
