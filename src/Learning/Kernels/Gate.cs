using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>Which experts each token of a block goes to, and with what weight; and the way back. n is at most 8, so
/// this is plain scalar code.</summary>
internal static unsafe class Gate
{
    private const int IndexBits = 3, IndexMask = (1 << IndexBits) - 1;

    /// <summary>Routes by logits. k ≥ 2: softmax over the k largest; k = 1: the largest of the softmax over all n.
    /// Among equal logits the lowest index wins.</summary>
    /// <param name="logits">[tokens, experts]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Route(Matrix logits, int selected, RoutedTokens routed)
    {
        var experts = routed.ExpertCount;
        var keys = stackalloc long[1 << IndexBits];
        for (var token = 0; token < routed.TokenCount; token++)
        {
            float* z = logits.Row(token), p = routed.Probabilities + (token * experts);
            float* w = routed.Weights + (token * experts);
            var chosen = Largest(z, experts, selected, keys, out var first);

            // The largest of all is the largest of the chosen, so one set of exponentials serves both softmaxes.
            float whole = 0, part = 0;
            for (var expert = 0; expert < experts; expert++)
            {
                p[expert] = MathF.Exp(z[expert] - z[first]);
                w[expert] = ((chosen >> expert) & 1) * p[expert];
                whole += p[expert];
                part += w[expert];
            }

            Divide(p, experts, whole);
            Divide(w, experts, selected == 1 ? whole : part);
            routed.First[token] = (byte)first;
            routed.Chosen[token] = (byte)chosen;
        }

        routed.Compact();
    }

    /// <summary>No router: every expert sees every token with weight 1/n.</summary>
    public static void Share(RoutedTokens routed)
    {
        var experts = routed.ExpertCount;
        new Span<float>(routed.Weights, routed.TokenCount * experts).Fill(1f / experts);
        new Span<byte>(routed.First, routed.TokenCount).Clear();
        new Span<byte>(routed.Chosen, routed.TokenCount).Fill((byte)((1 << experts) - 1));
        routed.Compact();
    }

    /// <summary>From d(loss)/d(weight) to d(loss)/d(logit). k ≥ 2: dz_e = w_e(dw_e − Σ w dw) over the selected; k = 1:
    /// dz_j = p_top(δ_j,top − p_j)·dw_top. The balance term adds p_j(slope_j − Σ p slope) for all j.</summary>
    /// <param name="weightSlopes">[tokens, experts]; finite where a token was not routed, where it does not
    /// matter.</param>
    /// <param name="balanceSlopes">[experts] or empty.</param>
    /// <param name="logitSlopes">Receives [tokens, experts]; padding to whole rows is zeroed.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(
        RoutedTokens routed, int selected, float* weightSlopes, ReadOnlySpan<float> balanceSlopes, Matrix logitSlopes)
    {
        var experts = routed.ExpertCount;
        for (var token = 0; token < routed.TokenCount; token++)
        {
            float* p = routed.Probabilities + (token * experts), w = routed.Weights + (token * experts);
            float* dw = weightSlopes + (token * experts), dz = logitSlopes.Row(token);
            new Span<float>(dz, logitSlopes.Stride).Clear();
            float mean = 0, balance = 0;
            for (var expert = 0; expert < experts; expert++)
            {
                mean += w[expert] * dw[expert];
                balance += balanceSlopes.IsEmpty ? 0 : p[expert] * balanceSlopes[expert];
            }

            for (var expert = 0; expert < experts; expert++)
            {
                // k = 1: mean = p_top·dw_top
                dz[expert] = selected == 1 ? -p[expert] * mean : w[expert] * (dw[expert] - mean);
                dz[expert] += balanceSlopes.IsEmpty ? 0 : p[expert] * (balanceSlopes[expert] - balance);
            }

            dz[routed.First[token]] += selected == 1 ? mean : 0;
        }
    }

    // A bit for each of the largest. Which they are is anyone's guess: comparisons without branches to mispredict.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest(float* z, int experts, int selected, long* keys, out int first)
    {
        for (var expert = 0; expert < experts; expert++)
        {
            // The bits of a float in the order of the numbers; of equal numbers (-0 is 0) the lowest index is larger.
            var bits = BitConverter.SingleToInt32Bits(z[expert] + 0f);
            bits ^= (bits >> 31) & int.MaxValue;
            keys[expert] = ((long)bits << IndexBits) | (uint)(~expert & IndexMask);
        }

        var chosen = 0;
        first = -1;
        for (var i = 0; i < selected; i++)
        {
            var best = long.MinValue;
            for (var expert = 0; expert < experts; expert++)
            {
                best = Math.Max(best, keys[expert]);
            }

            var index = (int)~best & IndexMask;
            keys[index] = long.MinValue;
            chosen |= 1 << index;
            first = first < 0 ? index : first;
        }

        return chosen;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Divide(float* values, int count, float divisor)
    {
        for (var i = 0; i < count; i++)
        {
            values[i] /= divisor;
        }
    }
}
