using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>Rows of floats in native memory, one row every <see cref="Stride"/> floats.</summary>
internal readonly unsafe struct Matrix(float* data, int stride)
{
    /// <summary>Rows and columns of scratch are multiples of this, whatever the vectors.</summary>
    public const int Grain = 16;

    public float* Data => data;

    public int Stride => stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(int row) => data + ((nint)row * stride);

    public Matrix Skip(int rows) => new(Row(rows), stride);

    /// <summary>The same rows from another column on.</summary>
    public Matrix From(int column) => new(data + column, stride);

    /// <summary>Columns rounded up to whole vectors of any level.</summary>
    public static int Padded(int columns) => (columns + Grain - 1) & -Grain;

    /// <summary>Floats from row to row of an activation: padded, and an odd number of cache lines so that the eight
    /// rows of a tile do not meet in the same cache sets.</summary>
    public static int StrideFor(int columns) => ((Padded(columns) / Grain) | 1) * Grain;
}
