using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Kernels;

/// <summary>The whole model for one sequence, forward and backward, at one SIMD level.</summary>
internal static unsafe class SequenceKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>See <see cref="SequencePass.Forward"/>.</summary>
    public static double Forward(
        PackedModel model, AdapterPanels user, Activations activations, ReadOnlySpan<int> tokens,
        ReadOnlySpan<int> targets, float lossScale, bool forBackward, float* logits, Workspace work)
    {
        var blocks = activations.Blocks;
        Embed(model, tokens, blocks[0].Input);
        var forward = new BlockForward<TSimd, TVector>(model, user, tokens.Length, work);
        for (var layer = 0; layer < blocks.Length; layer++)
        {
            var output = layer + 1 < blocks.Length ? blocks[layer + 1].Input : activations.Output;
            forward.Run(layer, blocks[layer], output);
        }

        LayerNormKernel<TSimd, TVector>.Forward(
            activations.Output, tokens.Length, model.Shape.Width, model.FinalNorm, work.Normed,
            activations.OutputStatistics);
        work.Clock?.Lap(StepPart.Norms);
        var loss = HeadKernel<TSimd, TVector>.Run(
            model, work.Normed, targets, lossScale, forBackward ? activations.OutputSlope : default, logits, work);
        work.Clock?.Lap(StepPart.Head);
        return loss;
    }

    /// <summary>See <see cref="SequencePass.Backward"/>.</summary>
    public static void Backward(
        PackedModel model, AdapterPanels user, Activations activations, ReadOnlySpan<float> balanceSlopes,
        Phase phase, float* gradients, Workspace work)
    {
        var tokens = activations.TokenCount;
        for (var token = 0; token < tokens; token++)
        {
            new Span<float>(work.StreamSlope.Row(token), work.StreamSlope.Stride).Clear();
        }

        LayerNormKernel<TSimd, TVector>.Backward(
            activations.Output, activations.OutputStatistics, tokens, model.Shape.Width, model.FinalNorm,
            activations.OutputSlope, work.StreamSlope);
        work.Clock?.Lap(StepPart.Norms);
        var backward = new BlockBackward<TSimd, TVector>(model, user, phase, gradients, tokens, work);
        var experts = user.Layout.Adapters.ExpertCount;
        for (var layer = activations.Blocks.Length - 1; layer >= 0; layer--)
        {
            var slopes = balanceSlopes.IsEmpty ? balanceSlopes : balanceSlopes.Slice(layer * experts, experts);
            backward.Run(layer, activations.Blocks[layer], slopes);
        }
    }

    private static void Embed(PackedModel model, ReadOnlySpan<int> tokens, Matrix output)
    {
        for (var position = 0; position < tokens.Length; position++)
        {
            float* at = model.PositionEmbedding.Row(position), to = output.Row(position);
            for (var i = 0; i < model.Shape.Width; i += TSimd.Width)
            {
                TSimd.Store(to + i, TSimd.Add(TSimd.Load(model.Head.At(tokens[position], i)), TSimd.Load(at + i)));
            }
        }
    }
}
