using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>A frozen matrix W [rows, columns] and its products, which take and give float32. With W in bfloat16 they
/// round the other factor to bfloat16 and, since libtorch's products end in the type of their factors, the result once
/// more; in between oneDNN and cuBLAS add in float32.</summary>
internal sealed record FrozenMatrix(Tensor Values)
{
    /// <summary>x W.</summary>
    /// <param name="x">[n, rows]</param>
    public Tensor Multiply(Tensor x) => Product(x, Values);

    /// <summary>x W + b.</summary>
    /// <param name="x">[n, rows]</param>
    /// <param name="bias">[columns]</param>
    public Tensor MultiplyAdd(Tensor x, Tensor bias) =>
        Values.dtype == ScalarType.Float32 ? bias.addmm(x, Values) : Multiply(x).add_(bias);

    /// <summary>x Wᵀ.</summary>
    /// <param name="x">[n, columns]</param>
    public Tensor MultiplyTransposed(Tensor x)
    {
        using var transposed = Values.transpose(0, 1);
        return Product(x, transposed);
    }

    /// <summary>Rows of W.</summary>
    /// <param name="index">[n]</param>
    public Tensor Rows(Tensor index)
    {
        using var rows = Values.index_select(0, index);
        return rows.to(ScalarType.Float32);
    }

    // Between float32 and float32 there is nothing to convert: to() gives the same memory.
    private Tensor Product(Tensor x, Tensor matrix)
    {
        using var factor = x.to(matrix.dtype);
        using var product = factor.mm(matrix);
        return product.to(ScalarType.Float32);
    }
}
