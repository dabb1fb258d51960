using System.Numerics;
using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>The routing of one block and the tokens of each expert in token order: expert e's tokens are rows
/// [Start(e), Start(e) + Count(e)) of every compact buffer.</summary>
internal sealed unsafe class RoutedTokens
{
    private readonly int[] starts;

    /// <param name="selected">Experts per token: k, or n without a router.</param>
    public RoutedTokens(ref Arena.Cursor arena, int capacity, int experts, int selected)
    {
        starts = new int[experts + 1];
        Probabilities = arena.Floats((long)capacity * experts);
        Weights = arena.Floats((long)capacity * experts);
        First = arena.Take(capacity);
        Chosen = arena.Take(capacity);
        Index = arena.Ints((long)capacity * selected);
        CompactWeights = arena.Floats((long)capacity * selected);
        WeightSum = arena.Floats(capacity);
    }

    public int ExpertCount => starts.Length - 1;

    public int TokenCount { get; set; }

    /// <summary>[tokens, experts]: softmax over all experts. Only with a router.</summary>
    public float* Probabilities { get; }

    /// <summary>[tokens, experts]: 0 where a token is not routed.</summary>
    public float* Weights { get; }

    /// <summary>[tokens]: the expert with the largest logit.</summary>
    public byte* First { get; }

    /// <summary>[tokens]: bit e says that expert e is in the top k.</summary>
    public byte* Chosen { get; }

    /// <summary>[compact rows]: the token.</summary>
    public int* Index { get; }

    /// <summary>[compact rows]: the weight.</summary>
    public float* CompactWeights { get; }

    /// <summary>[tokens]: sum of the weights; 1 except for k = 1.</summary>
    public float* WeightSum { get; }

    public int Start(int expert) => starts[expert];

    public int Count(int expert) => starts[expert + 1] - starts[expert];

    /// <summary>Whether compact rows are the tokens themselves, so that nothing need be gathered.</summary>
    public bool IsEveryToken(int expert) => Count(expert) == TokenCount;

    /// <summary>The expert's tokens, or null when they are all.</summary>
    public int* Gather(int expert) => IsEveryToken(expert) ? null : Index + starts[expert];

    /// <summary>Lists each expert's tokens from <see cref="Chosen"/> and <see cref="Weights"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compact()
    {
        var next = stackalloc int[ExpertCount + 1];
        new Span<int>(next, ExpertCount + 1).Clear();
        for (var token = 0; token < TokenCount; token++)
        {
            for (uint left = Chosen[token]; left != 0; left &= left - 1)
            {
                next[BitOperations.TrailingZeroCount(left) + 1]++;
            }
        }

        for (var expert = 0; expert < ExpertCount; expert++)
        {
            next[expert + 1] += next[expert];
        }

        new ReadOnlySpan<int>(next, ExpertCount + 1).CopyTo(starts);
        for (var token = 0; token < TokenCount; token++)
        {
            var weights = Weights + (token * ExpertCount);
            WeightSum[token] = 0;
            for (uint left = Chosen[token]; left != 0; left &= left - 1)
            {
                var expert = BitOperations.TrailingZeroCount(left);
                var row = next[expert]++;
                WeightSum[token] += weights[expert];
                CompactWeights[row] = weights[expert];
                Index[row] = token;
            }
        }
    }
}
