using CoMiGS.Learning.Methods;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace CoMiGS.Learning.Aggregation;

/// <summary>FlexLoRA's server (Bai et al. 2024): ΔW = Σ w_i γ_i B_i A_i over Σ w_i, and its singular value
/// decomposition U S Vᵀ. What is sent is B = U √S / γ and A = √S Vᵀ in order of singular value: its first r components
/// are the best approximation of rank r (Eckart–Young), for every r.</summary>
public static class ProductMean
{
    /// <param name="uploads">At least one, in an order of their own; every adapter with both factors.</param>
    /// <param name="shared">Of the largest rank.</param>
    /// <returns>[shared length]</returns>
    public static float[] Of(IReadOnlyList<Upload> uploads, SharedParameters shared)
    {
        var total = uploads.Sum(upload => upload.Weight);
        var result = new float[shared.Length];
        var parts = uploads.Select(upload => AdapterPair.Of(upload.Shared).ToArray()).ToArray();
        foreach (var (index, pair) in AdapterPair.Of(shared).Index())
        {
            // ΔW = [w_1 γ_1 B_1 … w_N γ_N B_N] [A_1; …; A_N]
            Matrix<double>? left = null, right = null;
            foreach (var (upload, part) in uploads.Zip(parts, (upload, pairs) => (upload, pairs[index])))
            {
                var (a, b) = (part.AOf(upload.Values), part.BOf(upload.Values) * (upload.Weight / total * part.Scale));
                (left, right) = (left?.Append(b) ?? b, right?.Stack(a) ?? a);
            }

            var (u, s, v) = Svd(left!, right!);
            var roots = DenseMatrix.OfDiagonalVector(s.PointwiseSqrt());
            AdapterPair.Write(u * roots / pair.Scale, pair.B, result);
            AdapterPair.Write(roots * v, pair.A, result);
        }

        return result;
    }

    /// <summary>U, S, Vᵀ of a product of a tall and a wide matrix, which is itself never formed. The largest entry of
    /// each column of U is positive, so that the result is one of a kind.</summary>
    private static (Matrix<double> U, Vector<double> S, Matrix<double> V) Svd(
        Matrix<double> left, Matrix<double> right)
    {
        var (leftBasis, leftCore) = Basis(left);
        var (rightBasis, rightCore) = Basis(right.Transpose());
        var core = (leftCore * rightCore.Transpose()).Svd();
        var rank = core.S.Count;
        var u = leftBasis * core.U.SubMatrix(0, core.U.RowCount, 0, rank);
        var v = core.VT.SubMatrix(0, rank, 0, core.VT.ColumnCount) * rightBasis.Transpose();
        for (var i = 0; i < rank; i++)
        {
            if (u.Column(i)[u.Column(i).AbsoluteMaximumIndex()] < 0)
            {
                u.SetColumn(i, -u.Column(i));
                v.SetRow(i, -v.Row(i));
            }
        }

        return (u, core.S, v);
    }

    /// <summary>Q and R with Q R = matrix; Q is the identity when the matrix is not tall.</summary>
    private static (Matrix<double> Q, Matrix<double> R) Basis(Matrix<double> matrix)
    {
        if (matrix.RowCount <= matrix.ColumnCount)
        {
            return (DenseMatrix.CreateIdentity(matrix.RowCount), matrix);
        }

        var factors = matrix.QR(QRMethod.Thin);
        return (factors.Q, factors.R);
    }
}
