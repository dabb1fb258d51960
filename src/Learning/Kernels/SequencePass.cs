using System.Numerics;
using System.Runtime.Intrinsics;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Kernels;

/// <summary>One sequence of one user through the model and back, on the calling thread. Holds the activations between
/// <see cref="Forward"/> and <see cref="Backward"/>, so a micro-batch needs one pass per sequence: all forwards, then
/// the balance statistics, then all backwards. The bytes of every result depend on the arguments and the model's SIMD
/// level alone.</summary>
public sealed unsafe class SequencePass : IDisposable
{
    /// <summary>Most experts a block can have.</summary>
    public const int ExpertLimit = 8;

    private readonly PackedModel model;
    private readonly ParameterLayout layout;
    private readonly Arena arena;
    private readonly Activations activations;
    private readonly WorkspaceSize workspaceSize;
    private bool canGoBack;

    /// <param name="tokenCapacity">Longest sequence, 1 to the model's positions.</param>
    public SequencePass(PackedModel model, ParameterLayout layout, int tokenCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(layout.Model, model.Shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(tokenCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokenCapacity, model.Shape.PositionCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layout.Adapters.ExpertCount, ExpertLimit);
        this.model = model;
        this.layout = layout;
        Capacity = tokenCapacity;
        var adapters = layout.Adapters;
        arena = new Arena(BytesFor(model.Shape, adapters, tokenCapacity));
        var cursor = arena.Open();
        activations = new Activations(ref cursor, model.Shape, adapters, tokenCapacity);
        workspaceSize = new WorkspaceSize(
            tokenCapacity, adapters.ExpertCount, Math.Max(adapters.MlpRank, adapters.AttentionRank));
        Tally = new RoutingTally(model.Shape.LayerCount, adapters.ExpertCount);
    }

    public int Capacity { get; }

    /// <summary>What the routers did in the last <see cref="Forward"/>; empty without routers.</summary>
    public RoutingTally Tally { get; }

    /// <summary>Told where the time goes, or null.</summary>
    internal StepClock? Clock { get; set; }

    /// <summary>Native memory of one pass. Scratch, one per computing thread, is the model's and not
    /// included.</summary>
    public static long BytesFor(ModelShape model, AdapterShape adapters, int tokenCapacity)
    {
        var measure = default(Arena.Cursor);
        _ = new Activations(ref measure, model, adapters, tokenCapacity);
        return measure.Bytes;
    }

    /// <summary>Runs the sequence and returns the sum over tokens of cross-entropy, nats.</summary>
    /// <param name="user">Of the pass's layout and the model's level.</param>
    /// <param name="tokens">1 to <see cref="Capacity"/> token ids.</param>
    /// <param name="targets">As many token ids: what follows each token.</param>
    /// <param name="lossScale">d(optimised loss)/d(cross-entropy of one token): 1 / (tokens of the
    /// micro-batch).</param>
    /// <param name="forBackward">False: evaluation only.</param>
    /// <param name="logitsOut">Receives [T, V] without padding, or null.</param>
    public double Forward(
        AdapterPanels user, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, float lossScale, bool forBackward,
        float* logitsOut)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(user.Layout.Adapters, layout.Adapters);
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens.Length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens.Length, Capacity);
        ArgumentOutOfRangeException.ThrowIfNotEqual(targets.Length, tokens.Length);
        RequireInVocabulary(tokens);
        RequireInVocabulary(targets);
        canGoBack = forBackward && lossScale != 0;
        activations.Begin(tokens.Length);
        var work = model.Rent(workspaceSize);
        work.Clock = Clock;
        var loss = model.Level switch
        {
            SimdLevel.Vector512 => SequenceKernel<Simd512, Vector512<float>>.Forward(
                model, user, activations, tokens, targets, lossScale, canGoBack, logitsOut, work),
            SimdLevel.Vector256 => SequenceKernel<Simd256, Vector256<float>>.Forward(
                model, user, activations, tokens, targets, lossScale, canGoBack, logitsOut, work),
            _ => SequenceKernel<SimdPortable, Vector<float>>.Forward(
                model, user, activations, tokens, targets, lossScale, canGoBack, logitsOut, work),
        };
        model.Return(work);
        CountRouting();
        return loss;
    }

    /// <summary>Adds d(optimised loss)/d(parameters) of the last <see cref="Forward"/> into
    /// <paramref name="gradients"/>, for the phase's parameters only. Once per forward: it consumes the
    /// activations.</summary>
    /// <param name="user">The same values as in the forward.</param>
    /// <param name="balanceSlopes">[layer, expert] from <see cref="LoadBalance.Slopes"/>, or empty.</param>
    /// <param name="gradients">Laid out as the parameters.</param>
    /// <exception cref="InvalidOperationException">The last forward was for evaluation, or was already
    /// used.</exception>
    public void Backward(AdapterPanels user, ReadOnlySpan<float> balanceSlopes, Phase phase, float* gradients)
    {
        if (!canGoBack)
        {
            throw new InvalidOperationException("Backward needs a Forward with forBackward before it, once each.");
        }

        var adapters = layout.Adapters;
        if (!balanceSlopes.IsEmpty)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(
                balanceSlopes.Length, model.Shape.LayerCount * adapters.ExpertCount);
        }

        canGoBack = false;
        if (phase == Phase.Router && !adapters.Routes)
        {
            return;
        }

        var work = model.Rent(workspaceSize);
        work.Clock = Clock;
        switch (model.Level)
        {
            case SimdLevel.Vector512:
                SequenceKernel<Simd512, Vector512<float>>.Backward(
                    model, user, activations, balanceSlopes, phase, gradients, work);
                break;
            case SimdLevel.Vector256:
                SequenceKernel<Simd256, Vector256<float>>.Backward(
                    model, user, activations, balanceSlopes, phase, gradients, work);
                break;
            default:
                SequenceKernel<SimdPortable, Vector<float>>.Backward(
                    model, user, activations, balanceSlopes, phase, gradients, work);
                break;
        }

        model.Return(work);
    }

    /// <summary>[T]: the expert with the largest logit for each token of the last forward; 0 without a
    /// router.</summary>
    public ReadOnlySpan<byte> FirstExperts(int layer) =>
        new(activations.Blocks[layer].Routed.First, activations.TokenCount);

    /// <summary>[T, n]: the gate's weights in the last forward, 0 where a token was not routed.</summary>
    public ReadOnlySpan<float> GateWeights(int layer) =>
        new(activations.Blocks[layer].Routed.Weights, activations.TokenCount * layout.Adapters.ExpertCount);

    public void Dispose() => arena.Dispose();

    private void CountRouting()
    {
        Tally.Clear();
        if (!layout.Adapters.Routes)
        {
            return;
        }

        var experts = layout.Adapters.ExpertCount;
        Tally.TokenCount = activations.TokenCount;
        for (var layer = 0; layer < activations.Blocks.Length; layer++)
        {
            var routed = activations.Blocks[layer].Routed;
            var at = layer * experts;
            for (var expert = 0; expert < experts; expert++)
            {
                Tally.Selected[at + expert] = routed.Count(expert);
            }

            for (var token = 0; token < activations.TokenCount; token++)
            {
                Tally.First[at + routed.First[token]]++;
                for (var expert = 0; expert < experts; expert++)
                {
                    Tally.ProbabilitySum[at + expert] += routed.Probabilities[(token * experts) + expert];
                }
            }
        }
    }

    private void RequireInVocabulary(ReadOnlySpan<int> ids)
    {
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)model.Shape.VocabularySize)
            {
                throw new BadInputException(
                    $"Token id {id} is outside the model's vocabulary of {model.Shape.VocabularySize} entries.");
            }
        }
    }
}
