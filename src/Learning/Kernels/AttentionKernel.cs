using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>Causal attention of one sequence, head by head; blocks of scores above the diagonal are never computed.
/// T tokens · d width · w head width.</summary>
internal static unsafe class AttentionKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private const int Rows = Workspace.ScoreRows;

    private static int PanelWidth => ProductKernel<TSimd, TVector>.PanelWidth;

    /// <param name="attended">Receives [T, d].</param>
    /// <param name="logSums">Receives log Σ exp of each row's scaled scores, [heads, T].</param>
    public static void Forward(
        Matrix queryKeyValue, int tokens, int heads, int headWidth, Matrix attended, float* logSums, Workspace work)
    {
        int width = heads * headWidth, stride = queryKeyValue.Stride;
        var scale = 1 / MathF.Sqrt(headWidth);
        for (var head = 0; head < heads; head++)
        {
            var query = queryKeyValue.Data + (head * headWidth);
            float* key = query + width, value = key + width;
            Packing.PackTransposed(key, stride, headWidth, tokens, PanelWidth, work.KeyPanels);
            var values = RowsOf(value, stride, tokens, headWidth, work.ValueRows);
            for (var start = 0; start < tokens; start += Rows)
            {
                var rows = Math.Min(Rows, tokens - start);
                var queries = new Matrix(query, stride).Skip(start);
                Scores(queries, rows, start + rows, headWidth, work.KeyPanels, work.Scores);
                for (var row = 0; row < rows; row++)
                {
                    var scores = work.Scores.Row(row);
                    HideFuture(scores, start + row + 1, start + rows, float.NegativeInfinity);
                    logSums[(head * tokens) + start + row] = Softmax(scores, start + row + 1, scale);
                    HideFuture(scores, start + row + 1, start + rows, 0);
                }

                var product = new Product(
                    work.Scores, start + rows, ProductKernel<TSimd, TVector>.RowMajor(values), default);
                Into(attended.Skip(start).From(head * headWidth), product, rows, headWidth, work.HeadRows);
            }
        }
    }

    /// <summary>Gradients of queries, keys and values. With P the probabilities (computed again from the scores and
    /// their log sums): dP = dO·Vᵀ, dS = P∘(dP − Σ P∘dP)/√w, dQ = dS·K, dK = dSᵀ·Q, dV = Pᵀ·dO.</summary>
    /// <param name="attendedSlope">d(loss)/d(attended), [T, d]</param>
    /// <param name="slope">Receives [T, 3d].</param>
    public static void Backward(
        Matrix queryKeyValue, int tokens, int heads, int headWidth, Matrix attendedSlope, float* logSums, Matrix slope,
        Workspace work)
    {
        int width = heads * headWidth, stride = queryKeyValue.Stride;
        for (var head = 0; head < heads; head++)
        {
            var at = head * headWidth;
            var query = queryKeyValue.Data + at;
            float* key = query + width, value = key + width, output = attendedSlope.Data + at;
            Packing.PackTransposed(key, stride, headWidth, tokens, PanelWidth, work.KeyPanels);
            Packing.PackTransposed(value, stride, headWidth, tokens, PanelWidth, work.ValuePanels);
            var queries = RowsOf(query, stride, tokens, headWidth, work.QueryRows);
            var keys = RowsOf(key, stride, tokens, headWidth, work.KeyRows);
            var outputs = RowsOf(output, attendedSlope.Stride, tokens, headWidth, work.SlopeRows);
            for (var start = 0; start < tokens; start += Rows)
            {
                var rows = Math.Min(Rows, tokens - start);
                Matrix scores = work.Scores.Skip(start), slopes = work.ScoreSlopes.Skip(start);
                Scores(queries.Skip(start), rows, start + rows, headWidth, work.KeyPanels, scores);
                Scores(outputs.Skip(start), rows, start + rows, headWidth, work.ValuePanels, slopes);
                for (var row = 0; row < rows; row++)
                {
                    float* p = scores.Row(row), d = slopes.Row(row);
                    var count = start + row + 1;
                    SoftmaxSlopes(p, d, count, logSums[(head * tokens) + start + row], 1 / MathF.Sqrt(headWidth));
                    HideFuture(p, count, start + rows, 0);
                    HideFuture(d, count, start + rows, 0);
                }

                var product = new Product(
                    slopes, start + rows, ProductKernel<TSimd, TVector>.RowMajor(keys), default);
                Into(slope.Skip(start).From(at), product, rows, headWidth, work.HeadRows);
            }

            FromLaterRows(work.ScoreSlopes, queries, tokens, headWidth, slope.From(width + at), work.HeadRows);
            FromLaterRows(work.Scores, outputs, tokens, headWidth, slope.From((2 * width) + at), work.HeadRows);
        }
    }

    // target[j] = Σ_{i ≥ j} scores[i, j]·rows[i]
    private static void FromLaterRows(
        Matrix scores, Matrix rows, int tokens, int headWidth, Matrix target, Matrix headRows)
    {
        for (var start = 0; start < tokens; start += Rows)
        {
            var count = Math.Min(Rows, tokens - start);
            var product = Product.TransposedLeft(
                new Matrix(scores.Row(start) + start, scores.Stride), tokens - start,
                ProductKernel<TSimd, TVector>.RowMajor(rows.Skip(start)), default);
            Into(target.Skip(start), product, count, headWidth, headRows);
        }
    }

    private static void Scores(Matrix left, int rows, int columns, int headWidth, float* panels, Matrix scores)
    {
        var product = new Product(left, headWidth, ProductKernel<TSimd, TVector>.Packed(panels, headWidth), scores);
        ProductKernel<TSimd, TVector>.Run(product, rows, columns);
    }

    // A row of scores ends at its own token; the rest of its block and of its last vector is filled.
    private static void HideFuture(float* row, int count, int blockEnd, float value) =>
        new Span<float>(row + count, Matrix.Padded(blockEnd) - count).Fill(value);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Softmax(float* row, int count, float scale)
    {
        var largest = TSimd.Broadcast(float.NegativeInfinity);
        for (var i = 0; i < count; i += TSimd.Width)
        {
            largest = TSimd.Max(largest, TSimd.Load(row + i));
        }

        var top = TSimd.Largest(largest);
        TVector scales = TSimd.Broadcast(scale), shift = TSimd.Broadcast(-top * scale), sums = TSimd.Zero;
        for (var i = 0; i < count; i += TSimd.Width)
        {
            var e = VectorMath<TSimd, TVector>.Exp(TSimd.Fma(TSimd.Load(row + i), scales, shift));
            sums = TSimd.Add(sums, e);
            TSimd.Store(row + i, e);
        }

        var sum = TSimd.Sum(sums);
        var share = TSimd.Broadcast(1 / sum);
        for (var i = 0; i < count; i += TSimd.Width)
        {
            TSimd.Store(row + i, TSimd.Multiply(TSimd.Load(row + i), share));
        }

        return (top * scale) + MathF.Log(sum);
    }

    // p: scores in, probabilities out; d: dP in, dS out.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxSlopes(float* p, float* d, int count, float logSum, float scale)
    {
        TVector scales = TSimd.Broadcast(scale), shift = TSimd.Broadcast(-logSum), dots = TSimd.Zero;
        new Span<float>(p + count, Matrix.Padded(count) - count).Fill(float.NegativeInfinity);
        new Span<float>(d + count, Matrix.Padded(count) - count).Clear();
        for (var i = 0; i < count; i += TSimd.Width)
        {
            var e = VectorMath<TSimd, TVector>.Exp(TSimd.Fma(TSimd.Load(p + i), scales, shift));
            dots = TSimd.Fma(e, TSimd.Load(d + i), dots);
            TSimd.Store(p + i, e);
        }

        var dot = TSimd.Broadcast(TSimd.Sum(dots));
        for (var i = 0; i < count; i += TSimd.Width)
        {
            var apart = TSimd.Multiply(TSimd.Subtract(TSimd.Load(d + i), dot), scales);
            TSimd.Store(d + i, TSimd.Multiply(TSimd.Load(p + i), apart));
        }
    }

    // One head's columns of a wider matrix: read where they lie if they are whole vectors, otherwise copied and padded.
    private static Matrix RowsOf(float* source, int stride, int tokens, int headWidth, float* copy) =>
        headWidth % TSimd.Width == 0
            ? new Matrix(source, stride)
            : Packing.Copy(source, stride, tokens, headWidth, 1, copy);

    // Stores must not spill over into the next head.
    private static void Into(Matrix target, Product product, int rows, int headWidth, Matrix headRows)
    {
        var result = headWidth % TSimd.Width == 0 ? target : headRows;
        product.C = result.Data;
        product.CRow = result.Stride;
        ProductKernel<TSimd, TVector>.Run(product, rows, headWidth);
        for (var row = 0; headWidth % TSimd.Width != 0 && row < rows; row++)
        {
            new ReadOnlySpan<float>(headRows.Row(row), headWidth)
                .CopyTo(new Span<float>(target.Row(row), headWidth));
        }
    }
}
