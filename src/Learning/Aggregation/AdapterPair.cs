using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace CoMiGS.Learning.Aggregation;

/// <summary>Both factors of one adapter among shared parameters.</summary>
/// <param name="A">[r, d_in]</param>
/// <param name="B">[d_out, r]</param>
/// <param name="Scale">γ</param>
internal readonly record struct AdapterPair(SharedParameter A, SharedParameter B, float Scale)
{
    /// <summary>Every adapter whose two factors are shared, in the order of the layout.</summary>
    public static IEnumerable<AdapterPair> Of(SharedParameters shared) => shared.All
        .Zip(shared.All.Skip(1))
        .Where(pair => pair.First.Parameter.Factor == Factor.A && pair.Second.Parameter.Factor == Factor.B)
        .Select(pair => new AdapterPair(
            pair.First, pair.Second, shared.Layout.Adapters.ScaleOf(pair.First.Parameter.Site)));

    /// <summary>A of a vector of shared parameters.</summary>
    public Matrix<double> AOf(ReadOnlySpan<float> values) => MatrixOf(A, values);

    /// <summary>B of a vector of shared parameters.</summary>
    public Matrix<double> BOf(ReadOnlySpan<float> values) => MatrixOf(B, values);

    /// <summary>Puts a matrix, or its first rows and columns, in the place of a shared one; the rest is
    /// zero.</summary>
    public static void Write(Matrix<double> matrix, SharedParameter place, Span<float> values)
    {
        var (parameter, start) = place;
        for (var row = 0; row < parameter.Rows; row++)
        {
            for (var column = 0; column < parameter.Columns; column++)
            {
                values[start + (row * parameter.Columns) + column] =
                    row < matrix.RowCount && column < matrix.ColumnCount ? (float)matrix[row, column] : 0;
            }
        }
    }

    private static DenseMatrix MatrixOf(SharedParameter place, ReadOnlySpan<float> values)
    {
        var (parameter, start) = place;
        var matrix = new DenseMatrix(parameter.Rows, parameter.Columns);
        for (var row = 0; row < parameter.Rows; row++)
        {
            for (var column = 0; column < parameter.Columns; column++)
            {
                matrix[row, column] = values[start + (row * parameter.Columns) + column];
            }
        }

        return matrix;
    }
}
