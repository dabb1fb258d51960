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
    /// <param name="sums">Receives what <see cref="Backward"/> needs to know of each row's softmax.</param>
    public static void Forward(
        Matrix queryKeyValue, int tokens, int heads, int headWidth, Matrix attended, SoftmaxSums sums, Workspace work)
    {
        int width = heads * headWidth, stride = queryKeyValue.Stride;
        for (var head = 0; head < heads; head++)
        {
            var query = queryKeyValue.Data + (head * headWidth);
            float* key = query + width, value = key + width;
            var ofHead = sums.From(head * tokens);
            Packing.PackTransposed(key, stride, headWidth, tokens, 1, PanelWidth, work.KeyPanels);
            var values = RowsOf(value, stride, tokens, headWidth, work.ValueRows);
            for (var start = 0; start < tokens; start += Rows)
            {
                var rows = Math.Min(Rows, tokens - start);
                var queries = new Matrix(query, stride).Skip(start);
                Scores(queries, rows, start + rows, headWidth, work.KeyPanels, work.Scores);
                Softmax(work.Scores, start, rows, headWidth, work.CausalMask, ofHead.From(start));
                var product = new Product(
                    work.Scores, start + rows, ProductKernel<TSimd, TVector>.RowMajor(values), default);
                var target = attended.Skip(start).From(head * headWidth);
                Into(target, product, rows, headWidth, work.HeadRows);
                Scale(target, rows, headWidth, ofHead.Shares + start);
            }
        }
    }

    /// <summary>Gradients of queries, keys and values. With P the probabilities (computed again from the scores):
    /// dP = dO·Vᵀ, dS = P∘(dP − Σ P∘dP)/√w, dQ = dS·K, dK = dSᵀ·Q, dV = Pᵀ·dO.</summary>
    /// <param name="attendedSlope">d(loss)/d(attended), [T, d]</param>
    /// <param name="slope">Receives [T, 3d].</param>
    public static void Backward(
        Matrix queryKeyValue, int tokens, int heads, int headWidth, Matrix attendedSlope, SoftmaxSums sums,
        Matrix slope, Workspace work)
    {
        int width = heads * headWidth, stride = queryKeyValue.Stride;
        for (var head = 0; head < heads; head++)
        {
            var at = head * headWidth;
            var query = queryKeyValue.Data + at;
            float* key = query + width, value = key + width, output = attendedSlope.Data + at;
            var ofHead = sums.From(head * tokens);
            Packing.PackTransposed(key, stride, headWidth, tokens, 1, PanelWidth, work.KeyPanels);
            Packing.PackTransposed(value, stride, headWidth, tokens, 1, PanelWidth, work.ValuePanels);
            var queries = RowsOf(query, stride, tokens, headWidth, work.QueryRows);
            var keys = RowsOf(key, stride, tokens, headWidth, work.KeyRows);
            var outputs = RowsOf(output, attendedSlope.Stride, tokens, headWidth, work.SlopeRows);
            for (var start = 0; start < tokens; start += Rows)
            {
                var rows = Math.Min(Rows, tokens - start);
                Matrix scores = work.Scores.Skip(start), slopes = work.ScoreSlopes.Skip(start);
                Scores(queries.Skip(start), rows, start + rows, headWidth, work.KeyPanels, scores);
                Scores(outputs.Skip(start), rows, start + rows, headWidth, work.ValuePanels, slopes);
                FetchNextHead(queryKeyValue.Skip(start).From(at + headWidth), rows, width, headWidth);
                SoftmaxSlopes(scores, slopes, start, rows, headWidth, work.CausalMask, ofHead.From(start));
                var product = new Product(
                    slopes, start + rows, ProductKernel<TSimd, TVector>.RowMajor(keys), default);
                Into(slope.Skip(start).From(at), product, rows, headWidth, work.HeadRows);
            }

            FromLaterRows(work.ScoreSlopes, queries, tokens, headWidth, slope.From(width + at), work.HeadRows);
            FromLaterRows(work.Scores, outputs, tokens, headWidth, slope.From((2 * width) + at), work.HeadRows);
        }
    }

    // Queries, keys and values lie in memory since the way forward.
    private static void FetchNextHead(Matrix queryKeyValue, int rows, int width, int headWidth)
    {
        for (var row = 0; row < rows; row++)
        {
            var query = queryKeyValue.Row(row);
            for (var i = 0; i < headWidth; i += Matrix.Grain)
            {
                Cache.Fetch(query + i);
                Cache.Fetch(query + width + i);
                Cache.Fetch(query + (2 * width) + i);
            }
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

    // A block of rows that starts on the diagonal: scores s become 2^(s·c − largest) with c = log2(e)/√w, which is 0
    // right of the diagonal; the probabilities are that times the row's share.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax(Matrix scores, int start, int rows, int headWidth, float* mask, SoftmaxSums sums)
    {
        var scale = VectorMath<TSimd, TVector>.Log2E / MathF.Sqrt(headWidth);
        var scales = TSimd.Broadcast(scale);
        var end = start + rows;
        for (var row = 0; row < rows; row++, mask += Rows)
        {
            var line = scores.Row(row);
            var largest = TSimd.Broadcast(float.MinValue);
            for (var i = 0; i < start; i += TSimd.Width)
            {
                largest = TSimd.Max(largest, TSimd.Load(line + i));
            }

            for (var i = start; i < end; i += TSimd.Width)
            {
                var score = TSimd.Add(TSimd.Load(line + i), TSimd.Load(mask + i - start));
                TSimd.Store(line + i, score);
                largest = TSimd.Max(largest, score);
            }

            var top = TSimd.Largest(largest) * scale;
            TVector shift = TSimd.Broadcast(-top), total = TSimd.Zero;
            for (var i = 0; i < end; i += TSimd.Width)
            {
                var e = VectorMath<TSimd, TVector>.Exp2(TSimd.Fma(TSimd.Load(line + i), scales, shift));
                total = TSimd.Add(total, e);
                TSimd.Store(line + i, e);
            }

            sums.Largest[row] = top;
            sums.Shares[row] = 1 / TSimd.Sum(total);
        }
    }

    // p: scores in, probabilities out; d: dP in, dS out; both 0 right of the diagonal.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxSlopes(
        Matrix scores, Matrix slopes, int start, int rows, int headWidth, float* mask, SoftmaxSums sums)
    {
        var scale = 1 / MathF.Sqrt(headWidth);
        var scales = TSimd.Broadcast(scale * VectorMath<TSimd, TVector>.Log2E);
        var end = start + rows;
        for (var row = 0; row < rows; row++, mask += Rows)
        {
            float* p = scores.Row(row), d = slopes.Row(row);
            for (var i = start; i < end; i += TSimd.Width)
            {
                TSimd.Store(p + i, TSimd.Add(TSimd.Load(p + i), TSimd.Load(mask + i - start)));
            }

            TVector shift = TSimd.Broadcast(-sums.Largest[row]), share = TSimd.Broadcast(sums.Shares[row]);
            var dots = TSimd.Zero;
            for (var i = 0; i < end; i += TSimd.Width)
            {
                var e = VectorMath<TSimd, TVector>.Exp2(TSimd.Fma(TSimd.Load(p + i), scales, shift));
                e = TSimd.Multiply(e, share);
                dots = TSimd.Fma(e, TSimd.Load(d + i), dots);
                TSimd.Store(p + i, e);
            }

            TVector dot = TSimd.Broadcast(TSimd.Sum(dots)), factor = TSimd.Broadcast(scale);
            for (var i = 0; i < end; i += TSimd.Width)
            {
                var apart = TSimd.Multiply(TSimd.Subtract(TSimd.Load(d + i), dot), factor);
                TSimd.Store(d + i, TSimd.Multiply(TSimd.Load(p + i), apart));
            }
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(Matrix target, int rows, int headWidth, float* factors)
    {
        for (var row = 0; row < rows; row++)
        {
            var line = target.Row(row);
            var factor = TSimd.Broadcast(factors[row]);
            var i = 0;
            for (; i <= headWidth - TSimd.Width; i += TSimd.Width)
            {
                TSimd.Store(line + i, TSimd.Multiply(TSimd.Load(line + i), factor));
            }

            for (; i < headWidth; i++)
            {
                line[i] *= factors[row];
            }
        }
    }
}
