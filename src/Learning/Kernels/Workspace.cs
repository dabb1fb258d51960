using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Kernels;

/// <summary>What the size of scratch depends on besides the model.</summary>
internal readonly record struct WorkspaceSize(int Tokens, int Experts, int Rank)
{
    public bool Covers(in WorkspaceSize other) =>
        Tokens >= other.Tokens && Experts >= other.Experts && Rank >= other.Rank;

    public WorkspaceSize Union(in WorkspaceSize other) =>
        new(Math.Max(Tokens, other.Tokens), Math.Max(Experts, other.Experts), Math.Max(Rank, other.Rank));
}

/// <summary>Scratch of one thread; nothing in it outlives a call. T tokens · d width · r rank · n experts · w head
/// width.</summary>
internal sealed unsafe class Workspace : IDisposable
{
    /// <summary>Rows of attention scores computed at once.</summary>
    public const int ScoreRows = 16;

    private readonly Arena arena;

    public Workspace(ModelShape model, in WorkspaceSize size)
    {
        Size = size;
        var measure = default(Arena.Cursor);
        Take(ref measure, model);
        arena = new Arena(measure.Bytes);
        var cursor = arena.Open();
        Take(ref cursor, model);
        for (var i = 0; i < ScoreRows * ScoreRows; i++)
        {
            // Finite, so that its power of two is 0 and not NaN.
            CausalMask[i] = i % ScoreRows > i / ScoreRows ? -1e30f : 0;
        }
    }

    public WorkspaceSize Size { get; }

    /// <summary>Of the pass at work; null when nobody asks where the time goes.</summary>
    public StepClock? Clock { get; set; }

    public long Bytes => arena.Bytes;

    /// <summary>[4d, r] at most: a gradient the other way round.</summary>
    public float* Turned { get; private set; }

    /// <summary>[T, 4d]: the weighted sum of the experts' hidden values; backward its gradient.</summary>
    public Matrix Mix { get; private set; }

    /// <summary>[T, <see cref="PanelMatrix.Columns"/>]: what the experts share of a panel of hidden columns.</summary>
    public Matrix Panel { get; private set; }

    /// <summary>[compact rows of one expert, <see cref="PanelMatrix.Columns"/>]: after the gelu, and gradients.
    /// </summary>
    public Matrix ExpertHidden { get; private set; }

    public Matrix ExpertPanel { get; private set; }

    /// <summary>[T, n]: router logits; backward their gradient.</summary>
    public Matrix Logits { get; private set; }

    /// <summary>Keys and values in panels, each w × T.</summary>
    public float* KeyPanels { get; private set; }

    public float* ValuePanels { get; private set; }

    /// <summary>Queries, keys, values and output gradients of one head: [T, w] each.</summary>
    public float* QueryRows { get; private set; }

    public float* KeyRows { get; private set; }

    public float* ValueRows { get; private set; }

    public float* SlopeRows { get; private set; }

    /// <summary>[T, T]: probabilities and their gradients.</summary>
    public Matrix Scores { get; private set; }

    public Matrix ScoreSlopes { get; private set; }

    /// <summary>[ScoreRows, ScoreRows]: added to scores on the diagonal, it hides the future.</summary>
    public float* CausalMask { get; private set; }

    /// <summary>[ScoreRows, w]</summary>
    public Matrix HeadRows { get; private set; }

    /// <summary>[T, entries of a block of the vocabulary]</summary>
    public Matrix HeadLogits { get; private set; }

    /// <summary>[T] each: running maximum, running sum, the target's logit.</summary>
    public float* RowMaximum { get; private set; }

    public float* RowSum { get; private set; }

    public float* TargetLogit { get; private set; }

    /// <summary>[T, d]: the final norm's output.</summary>
    public Matrix Normed { get; private set; }

    /// <summary>[T, d]: gradient of the residual stream.</summary>
    public Matrix StreamSlope { get; private set; }

    /// <summary>[T, d]: gradient inside a branch.</summary>
    public Matrix BranchSlope { get; private set; }

    /// <summary>[T, 3d]</summary>
    public Matrix AttentionSlope { get; private set; }

    /// <summary>Compact rows [T·n, r]: gradients of the low-rank middles, the output's before and after the
    /// weight.</summary>
    public Matrix OutputLowRank { get; private set; }

    public Matrix WeightedLowRank { get; private set; }

    public Matrix InputLowRank { get; private set; }

    /// <summary>[T, d]: gathered rows.</summary>
    public Matrix Gathered { get; private set; }

    /// <summary>[max(r, n), 4d]: one weight gradient before it is added.</summary>
    public Matrix FactorSlope { get; private set; }

    /// <summary>Compact rows [T·n, Grain]: the same before the vectors' elements are summed.</summary>
    public float* WeightDots { get; private set; }

    /// <summary>Compact rows [T·n] and dense [T, n]: gradients of the gate's weights.</summary>
    public float* CompactWeightSlopes { get; private set; }

    public float* WeightSlopes { get; private set; }

    public void Dispose() => arena.Dispose();

    private void Take(ref Arena.Cursor arena, ModelShape model)
    {
        var (tokens, experts, rank) = Size;
        int width = model.Width, hidden = model.HiddenWidth, head = Matrix.Padded(model.HeadWidth);
        Turned = arena.Floats((long)hidden * rank);
        Mix = arena.Matrix(tokens, hidden);
        Panel = Columns(ref arena, tokens);
        ExpertHidden = Columns(ref arena, tokens);
        ExpertPanel = Columns(ref arena, tokens);
        Logits = arena.Matrix(tokens, experts);
        var panels = (long)model.HeadWidth * (tokens + (2 * Matrix.Grain));
        KeyPanels = arena.Floats(panels);
        ValuePanels = arena.Floats(panels);
        QueryRows = arena.Floats((long)tokens * head);
        KeyRows = arena.Floats((long)tokens * head);
        ValueRows = arena.Floats((long)tokens * head);
        SlopeRows = arena.Floats((long)tokens * head);
        Scores = arena.Matrix(tokens, tokens);
        ScoreSlopes = arena.Matrix(tokens, tokens);
        CausalMask = arena.Floats(ScoreRows * ScoreRows);
        HeadRows = arena.Matrix(ScoreRows, model.HeadWidth);
        HeadLogits = arena.Matrix(tokens, VocabularyPanels.Columns);
        RowMaximum = arena.Floats(tokens);
        RowSum = arena.Floats(tokens);
        TargetLogit = arena.Floats(tokens);
        Normed = arena.Matrix(tokens, width);
        StreamSlope = arena.Matrix(tokens, width);
        BranchSlope = arena.Matrix(tokens, width);
        AttentionSlope = arena.Matrix(tokens, 3 * width);
        OutputLowRank = arena.Matrix((long)tokens * experts, rank);
        WeightedLowRank = arena.Matrix((long)tokens * experts, rank);
        InputLowRank = arena.Matrix((long)tokens * experts, rank);
        Gathered = arena.Matrix(tokens, width);
        FactorSlope = arena.Matrix(Math.Max(rank, experts), hidden);
        WeightDots = arena.Floats((long)tokens * experts * Matrix.Grain);
        CompactWeightSlopes = arena.Floats((long)tokens * experts);
        WeightSlopes = arena.Floats((long)tokens * experts);
    }

    private static Matrix Columns(ref Arena.Cursor arena, int rows) =>
        new(arena.Floats((long)rows * PanelMatrix.Columns), PanelMatrix.Columns);
}
