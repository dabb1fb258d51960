using System.Diagnostics;

namespace CoMiGS.Learning.Kernels.Measurement;

/// <summary>What a step's time can go to. Low-rank parts that ride along in a base product count there.</summary>
public enum StepPart
{
    /// <summary>Embedding and layer norms, forward and backward.</summary>
    Norms,

    /// <summary>Products with the frozen matrices of the blocks.</summary>
    BaseForward,
    BaseBackward,

    /// <summary>Everything of rank r: factors laid out, products, weight gradients.</summary>
    LowRankForward,
    LowRankBackward,
    AttentionForward,
    AttentionBackward,

    /// <summary>Router and top k, forward and backward.</summary>
    Gate,

    /// <summary>Gelu, weights and the sum over experts, forward and backward.</summary>
    Mix,

    /// <summary>Logits, cross-entropy and the way back through them.</summary>
    Head,

    /// <summary>Gradient buffers cleared and added up.</summary>
    Fold,
    AdamW,
}

/// <summary>Adds up the time between calls of <see cref="Lap"/> by what it went to. Passes without one pay a test for
/// null per primitive.</summary>
internal sealed class StepClock
{
    private readonly long[] ticks = new long[Enum.GetValues<StepPart>().Length];
    private long last;

    public void Start() => last = Stopwatch.GetTimestamp();

    /// <summary>The time since the last call went to <paramref name="part"/>.</summary>
    public void Lap(StepPart part)
    {
        var now = Stopwatch.GetTimestamp();
        ticks[(int)part] += now - last;
        last = now;
    }

    /// <summary>Each part's share of the time measured.</summary>
    public IReadOnlyList<(StepPart Part, double Share)> Shares()
    {
        double whole = ticks.Sum();
        return [.. Enum.GetValues<StepPart>().Select(part => (part, ticks[(int)part] / whole))];
    }
}
