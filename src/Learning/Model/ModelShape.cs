namespace CoMiGS.Learning.Model;

/// <summary>Sizes of a GPT-2 shaped base model.</summary>
/// <param name="LayerCount">Transformer blocks, at least 1.</param>
/// <param name="HeadCount">Attention heads; divides <paramref name="Width"/>.</param>
/// <param name="Width">Width d of the residual stream.</param>
/// <param name="VocabularySize">Rows of the token embedding, which is also the output head.</param>
/// <param name="PositionCount">Rows of the position embedding: the longest sequence.</param>
public sealed record ModelShape(int LayerCount, int HeadCount, int Width, int VocabularySize, int PositionCount)
{
    /// <summary>Epsilon of every layer norm (GPT-2).</summary>
    public const float LayerNormEpsilon = 1e-5f;

    public int HeadWidth => Width / HeadCount;

    /// <summary>Width of the feed-forward part, 4 d (GPT-2).</summary>
    public int HiddenWidth => 4 * Width;

    /// <summary>Parameters of the frozen base.</summary>
    public long ParameterCount
    {
        get
        {
            long width = Width, hidden = HiddenWidth;
            var block = (4 * width) + (width * 3 * width) + (3 * width) + (width * width) + width
                + (width * hidden) + hidden + (hidden * width) + width;
            return ((VocabularySize + PositionCount) * width) + (LayerCount * block) + (2 * width);
        }
    }
}
