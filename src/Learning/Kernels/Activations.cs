using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Kernels;

/// <summary>What one sequence keeps between the way forward and the way back. T tokens · d width · k experts per
/// token · r rank.</summary>
internal sealed unsafe class Activations
{
    public Activations(ref Arena.Cursor arena, ModelShape model, AdapterShape adapters, int capacity)
    {
        Blocks = new BlockActivations[model.LayerCount];
        for (var layer = 0; layer < Blocks.Length; layer++)
        {
            Blocks[layer] = new BlockActivations(ref arena, model, adapters, capacity);
        }

        Output = arena.Matrix(capacity, model.Width);
        OutputStatistics = arena.Floats(2L * capacity);
        OutputSlope = arena.Matrix(capacity, model.Width);
    }

    public BlockActivations[] Blocks { get; }

    /// <summary>[T, d]: the residual stream after the last block.</summary>
    public Matrix Output { get; }

    /// <summary>[T, 2], see <see cref="LayerNormKernel{TSimd,TVector}"/>.</summary>
    public float* OutputStatistics { get; }

    /// <summary>[T, d]: gradient of the final norm's output, prepared by the head.</summary>
    public Matrix OutputSlope { get; }

    public int TokenCount { get; private set; }

    public void Begin(int tokens)
    {
        TokenCount = tokens;
        foreach (var block in Blocks)
        {
            block.Routed.TokenCount = tokens;
        }
    }
}

/// <summary>One block's share of <see cref="Activations"/>.</summary>
internal sealed unsafe class BlockActivations
{
    public BlockActivations(ref Arena.Cursor arena, ModelShape model, AdapterShape adapters, int capacity)
    {
        int width = model.Width, selected = adapters.Routes ? adapters.RoutedCount : adapters.ExpertCount;
        Input = arena.Matrix(capacity, width);
        AttentionNorm = arena.Matrix(capacity, width);
        AttentionStatistics = arena.Floats(2L * capacity);
        QueryKeyValue = arena.Matrix(capacity, 3 * width);
        InputLowRank = arena.Matrix(capacity, adapters.AttentionRank);
        Softmax = new SoftmaxSums(ref arena, (long)capacity * model.HeadCount);
        Attended = arena.Matrix(capacity, width);
        OutputLowRank = arena.Matrix(capacity, adapters.AttentionRank);
        Middle = arena.Matrix(capacity, width);
        MlpNorm = arena.Matrix(capacity, width);
        MlpStatistics = arena.Floats(2L * capacity);
        Routed = new RoutedTokens(ref arena, capacity, adapters.ExpertCount, selected);
        var rows = (long)capacity * selected;
        ExpertInputLowRank = arena.Matrix(rows, adapters.MlpRank);
        Hidden = new PanelMatrix(arena.Floats(PanelMatrix.Length(rows, model.HiddenWidth)), rows);
        ExpertOutputLowRank = arena.Matrix(rows, adapters.MlpRank);
    }

    /// <summary>[T, d]: the residual stream into the block.</summary>
    public Matrix Input { get; }

    public Matrix AttentionNorm { get; }

    public float* AttentionStatistics { get; }

    /// <summary>[T, 3d]</summary>
    public Matrix QueryKeyValue { get; }

    /// <summary>[T, r]: A x of the attention's input adapter.</summary>
    public Matrix InputLowRank { get; }

    /// <summary>[heads, T]</summary>
    public SoftmaxSums Softmax { get; }

    /// <summary>[T, d]: the heads' outputs side by side.</summary>
    public Matrix Attended { get; }

    public Matrix OutputLowRank { get; }

    /// <summary>[T, d]: the residual stream between attention and MLP.</summary>
    public Matrix Middle { get; }

    public Matrix MlpNorm { get; }

    public float* MlpStatistics { get; }

    public RoutedTokens Routed { get; }

    /// <summary>Compact rows [T·k, r]: A1 x.</summary>
    public Matrix ExpertInputLowRank { get; }

    /// <summary>Compact rows [T·k, 4d]: each expert's hidden layer before the gelu.</summary>
    public PanelMatrix Hidden { get; }

    /// <summary>Compact rows [T·k, r]: weight · A2 h.</summary>
    public Matrix ExpertOutputLowRank { get; }
}

/// <summary>What is kept of rows of a softmax, so that their probabilities can be computed again.</summary>
internal readonly unsafe struct SoftmaxSums
{
    public SoftmaxSums(ref Arena.Cursor arena, long rows)
    {
        Largest = arena.Floats(rows);
        Shares = arena.Floats(rows);
    }

    private SoftmaxSums(float* largest, float* shares)
    {
        Largest = largest;
        Shares = shares;
    }

    /// <summary>The largest score, in powers of two.</summary>
    public float* Largest { get; }

    /// <summary>1 / Σ 2^(score − largest)</summary>
    public float* Shares { get; }

    public SoftmaxSums From(int row) => new(Largest + row, Shares + row);
}
