using CoMiGS.Learning.Model;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>The frozen base on its device, once for all users. Linear weights are [in, out]. Matrices are in the
/// precision asked for, norms and biases always in float32.</summary>
internal sealed class FrozenBase : IDisposable
{
    private readonly List<Tensor> owned = [];
    private readonly ScalarType matrices;

    public FrozenBase(BaseCheckpoint checkpoint, Device device, FloatType precision)
    {
        Device = device;
        matrices = precision == FloatType.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        Shape = checkpoint.Shape;
        int width = Shape.Width, hidden = Shape.HiddenWidth;
        TokenEmbedding = UploadMatrix(checkpoint.TokenEmbedding, Shape.VocabularySize, width);
        PositionEmbedding = Upload(checkpoint.PositionEmbedding, Shape.PositionCount, width);
        FinalNorm = Upload(checkpoint.FinalNorm);
        Blocks = [.. checkpoint.Blocks.Select(block => new FrozenBlock(
            Upload(block.AttentionNorm), Upload(block.AttentionInput, width, 3 * width),
            Upload(block.AttentionOutput, width, width), Upload(block.MlpNorm),
            Upload(block.MlpInput, width, hidden), Upload(block.MlpOutput, hidden, width)))];
    }

    public Device Device { get; }

    public ModelShape Shape { get; }

    /// <summary>[V, D]; also the output head.</summary>
    public FrozenMatrix TokenEmbedding { get; }

    /// <summary>[positions, D]</summary>
    public Tensor PositionEmbedding { get; }

    public IReadOnlyList<FrozenBlock> Blocks { get; }

    public FrozenNorm FinalNorm { get; }

    public void Dispose() => owned.ForEach(tensor => tensor.Dispose());

    private FrozenNorm Upload(LayerNormWeights weights) => new(Upload(weights.Scale), Upload(weights.Shift));

    private FrozenLinear Upload(LinearWeights weights, int inputs, int outputs) =>
        new(UploadMatrix(weights.Weight, inputs, outputs), Upload(weights.Bias, outputs));

    private FrozenMatrix UploadMatrix(float[] values, long rows, long columns) =>
        new(Own(() => tensor(values, [rows, columns], device: Device).to(matrices)));

    private Tensor Upload(float[] values) => Upload(values, values.Length);

    private Tensor Upload(float[] values, params long[] shape) => Own(() => tensor(values, shape, device: Device));

    private Tensor Own(Func<Tensor> make)
    {
        using var scope = NewDisposeScope();
        owned.Add(make().DetachFromDisposeScope());
        return owned[^1];
    }
}

/// <summary>One block of the base.</summary>
internal sealed record FrozenBlock(
    FrozenNorm AttentionNorm, FrozenLinear AttentionInput, FrozenLinear AttentionOutput,
    FrozenNorm MlpNorm, FrozenLinear MlpInput, FrozenLinear MlpOutput);

/// <summary>Both [D].</summary>
internal sealed record FrozenNorm(Tensor Scale, Tensor Shift);

/// <summary>A weight [in, out] and a bias [out].</summary>
internal sealed record FrozenLinear(FrozenMatrix Weight, Tensor Bias)
{
    /// <summary>x W + b for x [U, N, in].</summary>
    public Tensor Forward(Tensor x) => Weight.MultiplyAdd(Rows(x), Bias).view(x.shape[0], x.shape[1], -1);

    /// <summary>x W, without the bias.</summary>
    public Tensor Multiply(Tensor x) => Weight.Multiply(Rows(x)).view(x.shape[0], x.shape[1], -1);

    /// <summary>dy Wᵀ: the gradient of the input, all there is when W is frozen.</summary>
    public Tensor Backward(Tensor dy) =>
        Weight.MultiplyTransposed(Rows(dy)).view(dy.shape[0], dy.shape[1], -1);

    private static Tensor Rows(Tensor x) => x.reshape(-1, x.shape[2]);
}
