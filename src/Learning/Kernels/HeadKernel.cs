using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>The output head and cross-entropy in one pass over the vocabulary: an online softmax (running maximum and
/// sum per token) rescales what it has when it meets a larger logit, so that no [T, V] matrix exists.</summary>
internal static unsafe class HeadKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Sum over tokens of −log softmax(x·Eᵀ)[target], nats.</summary>
    /// <param name="x">[T, d]</param>
    /// <param name="lossScale">d(optimised loss)/d(cross-entropy of one token).</param>
    /// <param name="slope">Receives lossScale·(Σ_v p_v E_v − E_target), [T, d]; null data when not wanted.</param>
    /// <param name="logits">Receives [T, V] without padding, or null.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Run(
        PackedModel model, Matrix x, ReadOnlySpan<int> targets, float lossScale, Matrix slope, float* logits,
        Workspace work)
    {
        int tokens = targets.Length, width = model.Shape.Width, vocabulary = model.Shape.VocabularySize;
        var block = work.HeadLogits;
        new Span<float>(work.RowMaximum, tokens).Fill(float.NegativeInfinity);
        new Span<float>(work.RowSum, tokens).Clear();
        for (var start = 0; start < vocabulary; start += VocabularyPanels.Columns)
        {
            var columns = Math.Min(VocabularyPanels.Columns, vocabulary - start);
            var panels = ProductKernel<TSimd, TVector>.Packed(model.Head.Forward(start), width);
            ProductKernel<TSimd, TVector>.Run(new Product(x, width, panels, block) { Streams = true }, tokens, columns);
            for (var token = 0; token < tokens; token++)
            {
                var row = block.Row(token);
                if ((uint)(targets[token] - start) < (uint)columns)
                {
                    work.TargetLogit[token] = row[targets[token] - start];
                }

                if (logits != null)
                {
                    var to = new Span<float>(logits + ((nint)token * vocabulary) + start, columns);
                    new ReadOnlySpan<float>(row, columns).CopyTo(to);
                }

                var shrink = Absorb(row, columns, work.RowMaximum + token, work.RowSum + token);
                if (shrink < 1 && start > 0 && slope.Data != null)
                {
                    Scale(slope.Row(token), width, shrink);
                }
            }

            if (slope.Data != null)
            {
                var product = new Product(block, columns, model.Head.Backward(start), slope) { Streams = true };
                product.Add(start == 0 ? default : slope);
                ProductKernel<TSimd, TVector>.Run(product, tokens, width);
            }
        }

        double loss = 0;
        for (var token = 0; token < tokens; token++)
        {
            var logSum = (work.RowMaximum[token] / (double)VectorMath<TSimd, TVector>.Log2E)
                + Math.Log(work.RowSum[token]);
            loss += logSum - work.TargetLogit[token];
            if (slope.Data != null)
            {
                Finish(slope.Row(token), model.Head, targets[token], width, lossScale, work.RowSum[token]);
            }
        }

        return loss;
    }

    // Logits z of one block become 2^(z·log2(e) − running maximum). Returns what earlier blocks have to be multiplied
    // by.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Absorb(float* row, int columns, float* maximum, float* sum)
    {
        // Finite, so that its power of two is 0 and not NaN.
        new Span<float>(row + columns, Matrix.Padded(columns) - columns).Fill(-1e30f);
        var largest = TSimd.Broadcast(float.MinValue);
        for (var i = 0; i < columns; i += TSimd.Width)
        {
            largest = TSimd.Max(largest, TSimd.Load(row + i));
        }

        var before = *maximum;
        *maximum = MathF.Max(before, TSimd.Largest(largest) * VectorMath<TSimd, TVector>.Log2E);
        TVector scale = TSimd.Broadcast(VectorMath<TSimd, TVector>.Log2E), shift = TSimd.Broadcast(-*maximum);
        var sums = TSimd.Zero;
        for (var i = 0; i < columns; i += TSimd.Width)
        {
            var e = VectorMath<TSimd, TVector>.Exp2(TSimd.Fma(TSimd.Load(row + i), scale, shift));
            sums = TSimd.Add(sums, e);
            TSimd.Store(row + i, e);
        }

        var shrink = *maximum > before ? MathF.Pow(2, before - *maximum) : 1;
        *sum = (*sum * shrink) + TSimd.Sum(sums);
        return shrink;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float* row, int width, float factor)
    {
        for (var i = 0; i < width; i += TSimd.Width)
        {
            TSimd.Store(row + i, TSimd.Multiply(TSimd.Load(row + i), TSimd.Broadcast(factor)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish(
        float* slope, in VocabularyPanels head, int target, int width, float lossScale, float sum)
    {
        TVector share = TSimd.Broadcast(lossScale / sum), minus = TSimd.Broadcast(-lossScale);
        for (var i = 0; i < width; i += TSimd.Width)
        {
            var mean = TSimd.Multiply(TSimd.Load(slope + i), share);
            TSimd.Store(slope + i, TSimd.Fma(TSimd.Load(head.At(target, i)), minus, mean));
        }
    }
}
