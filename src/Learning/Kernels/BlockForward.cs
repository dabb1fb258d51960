using CoMiGS.Learning.Kernels.Measurement;

namespace CoMiGS.Learning.Kernels;

/// <summary>One block forward: attention with its adapters, then the mixture of experts over the shared base products.
/// T tokens · d width · r rank · γ adapter scale.</summary>
internal readonly unsafe ref struct BlockForward<TSimd, TVector>(
    PackedModel model, AdapterPanels user, int tokens, Workspace work)
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Computes block <paramref name="layer"/> from its Input.</summary>
    /// <param name="output">Receives the residual stream, [T, d].</param>
    public void Run(int layer, BlockActivations block, Matrix output)
    {
        var shape = model.Shape;
        var weights = model.Blocks[layer];
        LayerNormKernel<TSimd, TVector>.Forward(
            block.Input, tokens, shape.Width, weights.AttentionNorm, block.AttentionNorm, block.AttentionStatistics);
        Lap(StepPart.Norms);
        Adapted(
            user.AttentionInput(layer), weights.AttentionInput, block.AttentionNorm, block.InputLowRank, default,
            block.QueryKeyValue);
        AttentionKernel<TSimd, TVector>.Forward(
            block.QueryKeyValue, tokens, shape.HeadCount, shape.HeadWidth, block.Attended, block.Softmax, work);
        Lap(StepPart.AttentionForward);
        Adapted(
            user.AttentionOutput(layer), weights.AttentionOutput, block.Attended, block.OutputLowRank, block.Input,
            block.Middle);
        LayerNormKernel<TSimd, TVector>.Forward(
            block.Middle, tokens, shape.Width, weights.MlpNorm, block.MlpNorm, block.MlpStatistics);
        Lap(StepPart.Norms);
        Route(layer, block);
        Lap(StepPart.Gate);
        Hidden(layer, weights.MlpInput, block);
        Output(layer, weights.MlpOutput, block, output);
    }

    // y = x·W + b + γ(x·Aᵀ)·Bᵀ + addend, keeping x·Aᵀ.
    private void Adapted(LowRankMap map, LinearPanels linear, Matrix x, Matrix lowRank, Matrix addend, Matrix y)
    {
        Multiply(new Product(x, linear.Inputs, map.Down, lowRank), tokens, map.Rank);
        Lap(StepPart.LowRankForward);
        var panels = ProductKernel<TSimd, TVector>.Packed(linear.Forward, linear.Inputs);
        var product = new Product(x, linear.Inputs, panels, y) { Bias = linear.Bias, Streams = true };
        product.AddLowRank(lowRank, map.Rank, map.Up);
        product.Add(addend);
        Multiply(product, tokens, linear.Outputs);
        Lap(StepPart.BaseForward);
    }

    private void Route(int layer, BlockActivations block)
    {
        var adapters = user.Layout.Adapters;
        if (!adapters.Routes)
        {
            Gate.Share(block.Routed);
            return;
        }

        var router = user.Router(layer);
        Multiply(
            new Product(block.MlpNorm, model.Shape.Width, router.Down, work.Logits), tokens, adapters.ExpertCount);
        Gate.Route(work.Logits, adapters.RoutedCount, block.Routed);
    }

    // Panel by panel of hidden columns, so that what one step leaves is in the first-level cache for the next:
    // base = z·W1 + b1 once; expert e on its tokens: h = gelu(base + γ u_e·B1_eᵀ); v_e += h·A2_eᵀ; mix = Σ w_e h_e.
    private void Hidden(int layer, LinearPanels linear, BlockActivations block)
    {
        var routed = block.Routed;
        for (var expert = 0; expert < routed.ExpertCount; expert++)
        {
            var map = user.MlpInput(layer, expert);
            var lowRank = block.ExpertInputLowRank.Skip(routed.Start(expert));
            var product = new Product(block.MlpNorm, linear.Inputs, map.Down, lowRank)
            {
                AIndex = routed.Gather(expert),
            };
            Multiply(product, routed.Count(expert), map.Rank);
        }

        Lap(StepPart.LowRankForward);
        var panels = ProductKernel<TSimd, TVector>.Packed(linear.Forward, linear.Inputs);
        var panelWidth = ProductKernel<TSimd, TVector>.PanelWidth;
        for (var column = 0; column < linear.Outputs; column += PanelMatrix.Columns)
        {
            var columns = Math.Min(PanelMatrix.Columns, linear.Outputs - column);
            var panel = panels.SkipPanels(column / panelWidth);
            var product = new Product(block.MlpNorm, linear.Inputs, panel, work.Panel)
            {
                Bias = linear.Bias + column,
                Streams = true,
            };
            Multiply(product, tokens, columns);
            Lap(StepPart.BaseForward);
            if (!routed.IsEveryToken(0))
            {
                RowKernel<TSimd, TVector>.Clear(work.Mix.From(column), tokens, columns);
            }

            for (var expert = 0; expert < routed.ExpertCount; expert++)
            {
                ExpertPanel(layer, expert, column, columns, block);
            }
        }
    }

    private void ExpertPanel(int layer, int expert, int column, int columns, BlockActivations block)
    {
        LowRankMap input = user.MlpInput(layer, expert), output = user.MlpOutput(layer, expert);
        var routed = block.Routed;
        int start = routed.Start(expert), count = routed.Count(expert);
        var panelWidth = ProductKernel<TSimd, TVector>.PanelWidth;
        var pre = block.Hidden.Panel(start, column);
        var product = new Product(
            block.ExpertInputLowRank.Skip(start), input.Rank, input.Up.SkipPanels(column / panelWidth), pre)
        {
            Streams = true,
        };
        product.Add(work.Panel, routed.Gather(expert));
        Multiply(product, count, columns);
        Lap(StepPart.LowRankForward);
        ExpertMixKernel<TSimd, TVector>.Forward(
            pre, block.Hidden.PanelLength, count, columns, routed.Index + start,
            routed.CompactWeights + start, work.ExpertHidden, work.Mix.From(column),
            expert == 0 && routed.IsEveryToken(0));
        Lap(StepPart.Mix);
        var lowRank = block.ExpertOutputLowRank.Skip(start);
        product = new Product(work.ExpertHidden, columns, output.Down.SkipRows(column), lowRank) { Streams = true };
        product.Add(column == 0 ? default : lowRank);
        Multiply(product, count, output.Rank);
        Lap(StepPart.LowRankForward);
    }

    // y = x + mix·W2 + (Σ w)·b2 + Σ_e γ w_e v_e·B2_eᵀ
    private void Output(int layer, LinearPanels linear, BlockActivations block, Matrix output)
    {
        var routed = block.Routed;
        var panels = ProductKernel<TSimd, TVector>.Packed(linear.Forward, linear.Inputs);
        var product = new Product(work.Mix, linear.Inputs, panels, output)
        {
            Bias = linear.Bias,
            BiasScale = routed.WeightSum,
            Streams = true,
        };
        product.Add(block.Middle);
        Multiply(product, tokens, linear.Outputs);
        Lap(StepPart.BaseForward);
        for (var expert = 0; expert < routed.ExpertCount; expert++)
        {
            var map = user.MlpOutput(layer, expert);
            int start = routed.Start(expert), count = routed.Count(expert);
            var lowRank = block.ExpertOutputLowRank.Skip(start);
            RowKernel<TSimd, TVector>.Scale(lowRank, count, map.Rank, routed.CompactWeights + start, lowRank);
            product = new Product(lowRank, map.Rank, map.Up, output) { CIndex = routed.Gather(expert) };
            product.Add(output, product.CIndex);
            Multiply(product, count, linear.Outputs);
        }

        Lap(StepPart.LowRankForward);
    }

    private void Lap(StepPart part) => work.Clock?.Lap(part);

    private static void Multiply(in Product product, int rows, int columns) =>
        ProductKernel<TSimd, TVector>.Run(product, rows, columns);
}
