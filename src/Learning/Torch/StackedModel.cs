using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>The forward and backward pass of U users of one shape at once, N tokens each, derived by hand: the base is
/// frozen, so only dX flows through it. Tensors live in the caller's dispose scope.
/// Letters: U users · N tokens of a user · D width · F hidden · E experts · K routed · R rank · V vocabulary.</summary>
internal sealed class StackedModel(FrozenBase frozen, AdapterStack stack, int sequenceLength) : IDisposable
{
    private readonly Attention attention =
        new(frozen.Shape.HeadCount, sequenceLength, AheadOf(sequenceLength, frozen.Device));

    /// <summary>What one block's backward pass needs.</summary>
    public sealed record BlockState(
        LayerNorm.Saved AttentionNorm, Tensor AttentionInput, Tensor AttentionInputDown, Attention.Saved Attention,
        Tensor AttentionOutput, Tensor AttentionOutputDown, LayerNorm.Saved MlpNorm, Router.Saved? Router,
        ExpertMlp.Saved Mlp)
    {
        /// <summary>The same, out of the scope into the next outer one. Through the scope, not through the tensors:
        /// some stand here twice, and only the scope knows which have moved.</summary>
        public BlockState KeptFrom(DisposeScope scope)
        {
            IEnumerable<Tensor> kept = [
                .. AttentionNorm.Tensors, AttentionInput, AttentionInputDown, .. Attention.Tensors, AttentionOutput,
                AttentionOutputDown, .. MlpNorm.Tensors, .. Router?.Tensors ?? [], .. Mlp.Tensors];
            foreach (var tensor in kept)
            {
                scope.MoveToOuter(tensor);
            }

            return this;
        }
    }

    /// <summary>A forward pass up to the head.</summary>
    /// <param name="Output">After the final norm [U·N, D].</param>
    public sealed record State(IReadOnlyList<BlockState> Blocks, LayerNorm.Saved FinalNorm, Tensor Output);

    /// <param name="tokens">[U·N]</param>
    public State Forward(Tensor tokens)
    {
        var width = frozen.Shape.Width;
        var x = frozen.TokenEmbedding.Rows(tokens).view(-1, sequenceLength, width)
            .add_(frozen.PositionEmbedding.narrow(0, 0, sequenceLength)).view(stack.UserCount, -1, width);
        var blocks = new List<BlockState>();
        for (var layer = 0; layer < frozen.Blocks.Count; layer++)
        {
            blocks.Add(ForwardBlock(layer, x));
        }

        var (output, norm) = LayerNorm.Forward(x, frozen.FinalNorm);
        return new State(blocks, norm, output.view(-1, width));
    }

    /// <summary>Adds to the stack's gradients those of the phase's parameters.</summary>
    /// <param name="dy">Gradient of <see cref="State.Output"/>.</param>
    /// <param name="balance">Per block, gradient of the balance loss for a probability [U, 1, E]; empty without a
    /// router.
    /// </param>
    public void Backward(State state, Tensor dy, IReadOnlyList<Tensor> balance, Phase phase)
    {
        var dx = LayerNorm.Backward(
            dy.view(stack.UserCount, -1, frozen.Shape.Width), state.FinalNorm, frozen.FinalNorm);
        for (var layer = frozen.Blocks.Count - 1; layer >= 0; layer--)
        {
            using var scope = NewDisposeScope();
            BackwardBlock(layer, state.Blocks[layer], dx, balance.Count > 0 ? balance[layer] : null, phase);
        }
    }

    public void Dispose() => attention.Future.Dispose();

    /// <summary>Adds the block's output to x. Only what the backward pass needs outlives the block.</summary>
    private BlockState ForwardBlock(int layer, Tensor x)
    {
        using var scope = NewDisposeScope();
        var block = frozen.Blocks[layer];
        var (input, attentionNorm) = LayerNorm.Forward(x, block.AttentionNorm);
        var mixed = block.AttentionInput.Forward(input);
        var inputDown = Adapter(AdapterSite.AttentionInput, layer, trained: false).AddTo(mixed, input);
        var (attended, attentionState) = attention.Forward(mixed);
        var projected = block.AttentionOutput.Forward(attended);
        var outputDown = Adapter(AdapterSite.AttentionOutput, layer, trained: false).AddTo(projected, attended);
        x.add_(projected);

        var (routed, mlpNorm) = LayerNorm.Forward(x, block.MlpNorm);
        var (gates, router) = Route(layer, routed);
        var (output, mlp) = new ExpertMlp(block, stack, layer).Forward(routed, gates);
        x.add_(output);
        return new BlockState(
            attentionNorm, input, inputDown, attentionState, attended, outputDown, mlpNorm, router, mlp)
                .KeptFrom(scope);
    }

    /// <summary>Turns dx, the gradient of the block's output, into that of its input.</summary>
    private void BackwardBlock(int layer, BlockState state, Tensor dx, Tensor? balance, Phase phase)
    {
        var block = frozen.Blocks[layer];
        var trainsAdapters = phase != Phase.Router;
        var (drouted, dgates) = new ExpertMlp(block, stack, layer)
            .Backward(dx, state.Mlp, trainsAdapters ? ExpertGradients.Of(stack, layer) : null);
        if (state.Router is { } router)
        {
            Router.Of(stack, layer, trained: phase != Phase.Experts).Backward(dgates, router, balance!, drouted);
        }

        if (layer == 0 && !trainsAdapters)
        {
            return; // nothing below is trained
        }

        dx.add_(LayerNorm.Backward(drouted, state.MlpNorm, block.MlpNorm));
        var dattended = block.AttentionOutput.Backward(dx);
        Adapter(AdapterSite.AttentionOutput, layer, trainsAdapters)
            .Backward(dx, state.AttentionOutput, state.AttentionOutputDown, dattended);
        var dmixed = attention.Backward(dattended, state.Attention);
        var dinput = block.AttentionInput.Backward(dmixed);
        Adapter(AdapterSite.AttentionInput, layer, trainsAdapters)
            .Backward(dmixed, state.AttentionInput, state.AttentionInputDown, dinput);
        dx.add_(LayerNorm.Backward(dinput, state.AttentionNorm, block.AttentionNorm));
    }

    private (Tensor Gates, Router.Saved? Saved) Route(int layer, Tensor x)
    {
        if (stack.Shape.Routes)
        {
            return Router.Of(stack, layer, trained: false).Forward(x);
        }

        var experts = stack.Shape.ExpertCount;
        return (ones([x.shape[0], x.shape[1], experts], device: x.device).div_((float)experts), null);
    }

    private static Tensor AheadOf(int length, Device device)
    {
        using var scope = NewDisposeScope();
        return ones([length, length], ScalarType.Bool, device).triu(1).DetachFromDisposeScope();
    }

    private LowRank Adapter(AdapterSite site, int layer, bool trained) => LowRank.Of(stack, site, layer, trained);
}
