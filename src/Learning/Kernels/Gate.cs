using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>Which experts each token of a block goes to, and with what weight; and the way back. n is at most 8, so
/// this is plain scalar code.</summary>
internal static unsafe class Gate
{
    /// <summary>Routes by logits. k ≥ 2: softmax over the k largest; k = 1: the largest of the softmax over all n.
    /// Among equal logits the lowest index wins.</summary>
    /// <param name="logits">[tokens, experts]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Route(Matrix logits, int selected, RoutedTokens routed)
    {
        var experts = routed.ExpertCount;
        for (var token = 0; token < routed.TokenCount; token++)
        {
            float* z = logits.Row(token), p = routed.Probabilities + (token * experts);
            float* w = routed.Weights + (token * experts);
            Softmax(z, p, experts, allOf: (1 << experts) - 1);
            int chosen = 0, first = -1;
            for (var i = 0; i < selected; i++)
            {
                var best = -1;
                for (var expert = 0; expert < experts; expert++)
                {
                    if ((chosen & (1 << expert)) == 0 && (best < 0 || z[expert] > z[best]))
                    {
                        best = expert;
                    }
                }

                chosen |= 1 << best;
                first = first < 0 ? best : first;
            }

            if (selected == 1)
            {
                new Span<float>(w, experts).Clear();
                w[first] = p[first];
            }
            else
            {
                Softmax(z, w, experts, chosen);
            }

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
    /// <param name="weightSlopes">[tokens, experts]; read where a token was routed.</param>
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
            var chosen = routed.Chosen[token];
            float mean = 0, balance = 0;
            for (var expert = 0; expert < experts; expert++)
            {
                mean += (chosen & (1 << expert)) != 0 ? w[expert] * dw[expert] : 0;
                balance += balanceSlopes.IsEmpty ? 0 : p[expert] * balanceSlopes[expert];
            }

            for (var expert = 0; expert < experts; expert++)
            {
                var isChosen = (chosen & (1 << expert)) != 0;
                if (selected == 1)
                {
                    // mean = p_top·dw_top
                    dz[expert] = (isChosen ? mean : 0) - (p[expert] * mean);
                }
                else if (isChosen)
                {
                    dz[expert] = w[expert] * (dw[expert] - mean);
                }

                dz[expert] += balanceSlopes.IsEmpty ? 0 : p[expert] * (balanceSlopes[expert] - balance);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax(float* z, float* p, int count, int allOf)
    {
        var largest = float.NegativeInfinity;
        for (var i = 0; i < count; i++)
        {
            largest = (allOf & (1 << i)) != 0 ? MathF.Max(largest, z[i]) : largest;
        }

        float sum = 0;
        for (var i = 0; i < count; i++)
        {
            p[i] = (allOf & (1 << i)) != 0 ? MathF.Exp(z[i] - largest) : 0;
            sum += p[i];
        }

        for (var i = 0; i < count; i++)
        {
            p[i] /= sum;
        }
    }
}
