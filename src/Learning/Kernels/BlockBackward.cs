using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Kernels;

/// <summary>One block backward. The base is frozen, so only gradients of inputs flow through it; weight gradients
/// exist for the rank-r factors and the router alone. T tokens · d width · r rank · γ adapter scale.</summary>
internal readonly unsafe ref struct BlockBackward<TSimd, TVector>(
    PackedModel model, AdapterPanels user, Phase phase, float* gradients, int tokens, Workspace work)
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private bool WantsAdapters => phase != Phase.Router;

    /// <summary>work.StreamSlope is d(loss)/d(the block's output) on entry and d(loss)/d(its input) on return, except
    /// for the first block, below which nothing is trained.</summary>
    /// <param name="balanceSlopes">[experts] of this block, or empty.</param>
    public void Run(int layer, BlockActivations block, ReadOnlySpan<float> balanceSlopes)
    {
        var weights = model.Blocks[layer];
        var isLast = layer == 0 && !WantsAdapters;
        Hidden(layer, weights.MlpOutput, block, isLast);
        if (user.Layout.Adapters.Routes)
        {
            Route(layer, weights.MlpOutput, block, balanceSlopes);
            Lap(StepPart.Gate);
        }

        if (isLast)
        {
            return;
        }

        MlpInput(layer, weights.MlpInput, block);
        LayerNormKernel<TSimd, TVector>.Backward(
            block.Middle, block.MlpStatistics, tokens, model.Shape.Width, weights.MlpNorm, work.BranchSlope,
            work.StreamSlope);
        Lap(StepPart.Norms);
        Attention(layer, weights, block);
    }

    // Panel by panel of hidden columns, as forward. dmix = dy·W2ᵀ once; expert e on its tokens: dh = dmix + s_e·A2_e
    // with s_e = γ dy·B2_e; dweight = Σ h·dh; dpre = weight·dh·gelu'; dbase = Σ_e dpre_e; du_e = γ dpre_e·B1_e.
    private void Hidden(int layer, LinearPanels linear, BlockActivations block, bool isLast)
    {
        var routed = block.Routed;
        var slope = work.StreamSlope;
        for (var expert = 0; expert < routed.ExpertCount; expert++)
        {
            var map = user.MlpOutput(layer, expert);
            int start = routed.Start(expert), count = routed.Count(expert);
            var lowRank = work.OutputLowRank.Skip(start);
            var product = new Product(slope, linear.Outputs, map.DownBack, lowRank)
            {
                AIndex = routed.Gather(expert),
            };
            Multiply(product, count, map.Rank);
            RowKernel<TSimd, TVector>.Scale(
                lowRank, count, map.Rank, routed.CompactWeights + start, work.WeightedLowRank.Skip(start));
        }

        new Span<float>(work.WeightDots, routed.Start(routed.ExpertCount) * Matrix.Grain).Clear();
        Lap(StepPart.LowRankBackward);
        var panels = ProductKernel<TSimd, TVector>.Packed(linear.Backward, linear.Outputs);
        var panelWidth = ProductKernel<TSimd, TVector>.PanelWidth;
        for (var column = 0; column < linear.Inputs; column += PanelMatrix.Columns)
        {
            var columns = Math.Min(PanelMatrix.Columns, linear.Inputs - column);
            var panel = panels.SkipPanels(column / panelWidth);
            Multiply(new Product(slope, linear.Outputs, panel, work.Panel) { Streams = true }, tokens, columns);
            Lap(StepPart.BaseBackward);
            if (!routed.IsEveryToken(0))
            {
                RowKernel<TSimd, TVector>.Clear(work.Mix.From(column), tokens, columns);
            }

            for (var expert = 0; expert < routed.ExpertCount; expert++)
            {
                ExpertPanel(layer, expert, column, columns, block, isLast);
            }
        }

        ExpertMixKernel<TSimd, TVector>.SumDots(
            work.WeightDots, routed.Start(routed.ExpertCount), work.CompactWeightSlopes);
        Lap(StepPart.Mix);
    }

    private void ExpertPanel(int layer, int expert, int column, int columns, BlockActivations block, bool isLast)
    {
        LowRankMap input = user.MlpInput(layer, expert), output = user.MlpOutput(layer, expert);
        var routed = block.Routed;
        int start = routed.Start(expert), count = routed.Count(expert);
        var panelWidth = ProductKernel<TSimd, TVector>.PanelWidth;
        var product = new Product(
            work.OutputLowRank.Skip(start), output.Rank, output.UpBack.SkipPanels(column / panelWidth),
            work.ExpertPanel)
        {
            Streams = true,
        };
        product.Add(work.Panel, routed.Gather(expert));
        Multiply(product, count, columns);
        Lap(StepPart.LowRankBackward);
        var pre = block.Hidden.Panel(start, column);
        var dots = work.WeightDots + ((nint)start * Matrix.Grain);
        if (isLast)
        {
            ExpertMixKernel<TSimd, TVector>.Dots(work.ExpertPanel, pre, count, columns, dots);
            Lap(StepPart.Mix);
            return;
        }

        ExpertMixKernel<TSimd, TVector>.Backward(
            work.ExpertPanel, pre, block.Hidden.PanelLength, count, columns, routed.Index + start,
            routed.CompactWeights + start, work.ExpertHidden, work.Mix.From(column), dots,
            expert == 0 && routed.IsEveryToken(0));
        Lap(StepPart.Mix);
        var lowRankSlope = work.InputLowRank.Skip(start);
        product = new Product(work.ExpertPanel, columns, input.DownBack.SkipRows(column), lowRankSlope)
        {
            Streams = true,
        };
        product.Add(column == 0 ? default : lowRankSlope);
        Multiply(product, count, input.Rank);
        if (WantsAdapters)
        {
            PanelGradients(input.B, output.A, start, count, column, columns, block);
        }

        Lap(StepPart.LowRankBackward);
    }

    // dB1_e = γ dpreᵀ·u_e is [4d, r]: a panel is some of its rows. dA2_e = (w s_e)ᵀ·h is [r, 4d]: some of its columns.
    private void PanelGradients(
        Parameter inputB, Parameter outputA, int start, int count, int column, int columns, BlockActivations block)
    {
        var rank = outputA.Rows;
        var lowRank = block.ExpertInputLowRank.Skip(start);
        Multiply(Product.TransposedLeft(lowRank, count, Rows(work.ExpertPanel), work.FactorSlope), rank, columns);
        RowKernel<TSimd, TVector>.AddTransposedTo(
            work.FactorSlope, rank, columns, user.Layout.Adapters.MlpScale,
            gradients + inputB.Offset + ((nint)column * rank), work.Turned);
        lowRank = work.WeightedLowRank.Skip(start);
        Multiply(Product.TransposedLeft(lowRank, count, Rows(work.ExpertHidden), work.FactorSlope), rank, columns);
        RowKernel<TSimd, TVector>.AddTo(
            work.FactorSlope, rank, columns, 1, gradients + outputA.Offset + column, outputA.Columns);
    }

    private void Route(int layer, LinearPanels linear, BlockActivations block, ReadOnlySpan<float> balanceSlopes)
    {
        var adapters = user.Layout.Adapters;
        var routed = block.Routed;
        new Span<float>(work.WeightSlopes, tokens * adapters.ExpertCount).Clear();
        for (var expert = 0; expert < adapters.ExpertCount; expert++)
        {
            int start = routed.Start(expert), count = routed.Count(expert);
            if (adapters.RoutedCount == 1)
            {
                // The output bias is scaled by the sum of the weights: a constant unless k = 1.
                RowKernel<TSimd, TVector>.AddDots(
                    work.StreamSlope, routed.Index + start, count, linear.Outputs, linear.Bias,
                    work.CompactWeightSlopes + start);
            }

            for (var row = start; row < start + count; row++)
            {
                work.WeightSlopes[(routed.Index[row] * adapters.ExpertCount) + expert] = work.CompactWeightSlopes[row];
            }
        }

        Gate.Backward(routed, adapters.RoutedCount, work.WeightSlopes, balanceSlopes, work.Logits);
        if (phase != Phase.Experts)
        {
            AddLeft(work.Logits, block.MlpNorm, tokens, user.Router(layer).A, 1);
        }
    }

    // dz = dbase·W1ᵀ + Σ_e du_e·A1_e + dlogits·φ; dA1_e = du_eᵀ·z; dB2_e = γ dyᵀ·(w_e v_e).
    private void MlpInput(int layer, LinearPanels linear, BlockActivations block)
    {
        var adapters = user.Layout.Adapters;
        var routed = block.Routed;
        var panels = ProductKernel<TSimd, TVector>.Packed(linear.Backward, linear.Outputs);
        var product = new Product(work.Mix, linear.Outputs, panels, work.BranchSlope) { Streams = true };
        if (adapters.Routes)
        {
            product.AddLowRank(work.Logits, adapters.ExpertCount, user.Router(layer).UpBack);
        }

        Multiply(product, tokens, linear.Inputs);
        Lap(StepPart.BaseBackward);
        for (var expert = 0; expert < adapters.ExpertCount; expert++)
        {
            LowRankMap input = user.MlpInput(layer, expert), output = user.MlpOutput(layer, expert);
            int start = routed.Start(expert), count = routed.Count(expert);
            var lowRankSlope = work.InputLowRank.Skip(start);
            product = new Product(lowRankSlope, input.Rank, input.UpBack, work.BranchSlope)
            {
                CIndex = routed.Gather(expert),
            };
            product.Add(work.BranchSlope, product.CIndex);
            Multiply(product, count, linear.Inputs);
            if (WantsAdapters)
            {
                AddLeft(lowRankSlope, Gathered(block.MlpNorm, routed, expert), count, input.A, 1);
                AddLeft(
                    block.ExpertOutputLowRank.Skip(start), Gathered(work.StreamSlope, routed, expert), count, output.B,
                    adapters.MlpScale);
            }
        }

        Lap(StepPart.LowRankBackward);
    }

    private void Attention(int layer, PackedBlock weights, BlockActivations block)
    {
        var shape = model.Shape;
        var slope = work.BranchSlope;
        Adapted(
            user.AttentionOutput(layer), weights.AttentionOutput, block.Attended, block.OutputLowRank,
            work.StreamSlope, slope);
        AttentionKernel<TSimd, TVector>.Backward(
            block.QueryKeyValue, tokens, shape.HeadCount, shape.HeadWidth, slope, block.Softmax, work.AttentionSlope,
            work);
        Lap(StepPart.AttentionBackward);
        Adapted(
            user.AttentionInput(layer), weights.AttentionInput, block.AttentionNorm, block.InputLowRank,
            work.AttentionSlope, layer == 0 ? default : slope);
        if (layer > 0)
        {
            LayerNormKernel<TSimd, TVector>.Backward(
                block.Input, block.AttentionStatistics, tokens, shape.Width, weights.AttentionNorm, slope,
                work.StreamSlope);
            Lap(StepPart.Norms);
        }
    }

    // dx = dy·Wᵀ + du·A with du = γ dy·B (left out when dx has no data); dA = duᵀ·x; dB = γ dyᵀ·u.
    private void Adapted(LowRankMap map, LinearPanels linear, Matrix x, Matrix lowRank, Matrix dy, Matrix dx)
    {
        Multiply(new Product(dy, linear.Outputs, map.DownBack, work.InputLowRank), tokens, map.Rank);
        if (WantsAdapters)
        {
            AddLeft(work.InputLowRank, x, tokens, map.A, 1);
            AddLeft(lowRank, dy, tokens, map.B, user.Layout.Adapters.AttentionScale);
        }

        Lap(StepPart.LowRankBackward);
        if (dx.Data == null)
        {
            return;
        }

        var panels = ProductKernel<TSimd, TVector>.Packed(linear.Backward, linear.Outputs);
        var product = new Product(dy, linear.Outputs, panels, dx) { Streams = true };
        product.AddLowRank(work.InputLowRank, map.Rank, map.UpBack);
        Multiply(product, tokens, linear.Inputs);
        Lap(StepPart.BaseBackward);
    }

    // gradient += scale · leftᵀ·right. B factors are stored [d_out, r], so theirs is transposed on the way.
    private void AddLeft(Matrix left, Matrix right, int rows, Parameter parameter, float scale)
    {
        var isTall = parameter.Factor == Factor.B;
        int rank = isTall ? parameter.Columns : parameter.Rows, columns = isTall ? parameter.Rows : parameter.Columns;
        Multiply(Product.TransposedLeft(left, rows, Rows(right), work.FactorSlope), rank, columns);
        var gradient = gradients + parameter.Offset;
        if (isTall)
        {
            RowKernel<TSimd, TVector>.AddTransposedTo(
                work.FactorSlope, rank, columns, scale, gradient, work.Turned);
        }
        else
        {
            RowKernel<TSimd, TVector>.AddTo(work.FactorSlope, rank, columns, scale, gradient, columns);
        }
    }

    private Matrix Gathered(Matrix source, RoutedTokens routed, int expert)
    {
        if (routed.IsEveryToken(expert))
        {
            return source;
        }

        RowKernel<TSimd, TVector>.Gather(
            source, routed.Index + routed.Start(expert), routed.Count(expert), Matrix.Padded(model.Shape.Width),
            work.Gathered);
        return work.Gathered;
    }

    private void Lap(StepPart part) => work.Clock?.Lap(part);

    private static Panels Rows(Matrix matrix) => ProductKernel<TSimd, TVector>.RowMajor(matrix);

    private static void Multiply(in Product product, int rows, int columns) =>
        ProductKernel<TSimd, TVector>.Run(product, rows, columns);
}
