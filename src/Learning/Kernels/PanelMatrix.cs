namespace CoMiGS.Learning.Kernels;

/// <summary>A matrix stored panel after panel, each panel [rows, panel width] without gaps: what is computed and used
/// panel by panel streams through memory in order.</summary>
internal readonly unsafe struct PanelMatrix(float* data, long rows)
{
    /// <summary>Floats it takes whatever the panel width of the level.</summary>
    public static long Length(long rows, int columns) =>
        rows * ((columns + (2 * Matrix.Grain) - 1) & (-2 * Matrix.Grain));

    /// <summary>Floats from a panel to the next.</summary>
    public nint PanelLength(int panelWidth) => (nint)rows * panelWidth;

    /// <summary>Rows from <paramref name="row"/> on of the panel that starts at <paramref name="column"/>.</summary>
    public Matrix Panel(int row, int column, int panelWidth) =>
        new(data + (column * rows) + ((long)row * panelWidth), panelWidth);
}
