using CoMiGS.Learning.Model;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>The frozen base on its device, once for all users. Linear weights are [in, out].</summary>
internal sealed class FrozenBase : IDisposable
{
    private readonly List<Tensor> owned = [];

    public FrozenBase(BaseCheckpoint checkpoint, Device device)
    {
        Device = device;
        Shape = checkpoint.Shape;
        int width = Shape.Width, hidden = Shape.HiddenWidth;
        TokenEmbedding = Upload(checkpoint.TokenEmbedding, Shape.VocabularySize, width);
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
    public Tensor TokenEmbedding { get; }

    /// <summary>[positions, D]</summary>
    public Tensor PositionEmbedding { get; }

    public IReadOnlyList<FrozenBlock> Blocks { get; }

    public FrozenNorm FinalNorm { get; }

    public void Dispose() => owned.ForEach(tensor => tensor.Dispose());

    private FrozenNorm Upload(LayerNormWeights weights) => new(Upload(weights.Scale), Upload(weights.Shift));

    private FrozenLinear Upload(LinearWeights weights, int inputs, int outputs) =>
        new(Upload(weights.Weight, inputs, outputs), Upload(weights.Bias, outputs));

    private Tensor Upload(float[] values) => Upload(values, values.Length);

    private Tensor Upload(float[] values, params long[] shape)
    {
        var uploaded = tensor(values, shape, device: Device).DetachFromDisposeScope();
        owned.Add(uploaded);
        return uploaded;
    }
}

/// <summary>One block of the base.</summary>
internal sealed record FrozenBlock(
    FrozenNorm AttentionNorm, FrozenLinear AttentionInput, FrozenLinear AttentionOutput,
    FrozenNorm MlpNorm, FrozenLinear MlpInput, FrozenLinear MlpOutput);

/// <summary>Both [D].</summary>
internal sealed record FrozenNorm(Tensor Scale, Tensor Shift);

/// <summary>Weight [in, out] and bias [out].</summary>
internal sealed record FrozenLinear(Tensor Weight, Tensor Bias)
{
    /// <summary>x W + b for x [U, N, in].</summary>
    public Tensor Forward(Tensor x) => Bias.addmm(Rows(x), Weight).view(x.shape[0], x.shape[1], -1);

    /// <summary>x W, without the bias.</summary>
    public Tensor Multiply(Tensor x) => Rows(x).mm(Weight).view(x.shape[0], x.shape[1], -1);

    /// <summary>dy Wᵀ: the gradient of the input, all there is when W is frozen.</summary>
    public Tensor Backward(Tensor dy) => Rows(dy).mm(Weight.transpose(0, 1)).view(dy.shape[0], dy.shape[1], -1);

    private static Tensor Rows(Tensor x) => x.reshape(-1, x.shape[2]);
}
