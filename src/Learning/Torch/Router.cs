using CoMiGS.Learning.Experts;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>One block's routers of all users: which experts a token goes to and with what weight.</summary>
/// <param name="Weight">φ [U, E, D]</param>
/// <param name="Gradient">A view that is added to, or null where the phase does not train routers.</param>
internal sealed record Router(Tensor Weight, int RoutedCount, Tensor? Gradient)
{
    /// <param name="Input">[U, N, D]</param>
    /// <param name="Probabilities">Softmax over all experts [U, N, E].</param>
    /// <param name="Chosen">Experts of a token, the largest logit first [U, N, K].</param>
    /// <param name="ChosenWeights">Their weights [U, N, K].</param>
    public sealed record Saved(Tensor Input, Tensor Probabilities, Tensor Chosen, Tensor ChosenWeights)
    {
        public Tensor[] Tensors => [Input, Probabilities, Chosen, ChosenWeights];
    }

    public static Router Of(AdapterStack stack, int layer, bool trained) => new(
        stack.Matrix(stack.Parameters, AdapterSite.Router, Factor.Weight, layer), stack.Shape.RoutedCount,
        trained ? stack.Matrix(stack.Gradients, AdapterSite.Router, Factor.Weight, layer) : null);

    /// <summary>Weights over all experts, zero where not routed [U, N, E].</summary>
    public (Tensor Gates, Saved Saved) Forward(Tensor x)
    {
        var logits = x.bmm(Weight.transpose(1, 2));
        var probabilities = logits.softmax(-1);
        var (largest, chosen) = logits.topk(RoutedCount);

        // One expert keeps its probability among all; two or more share 1.
        var weights = RoutedCount == 1 ? probabilities.gather(-1, chosen) : largest.softmax(-1);
        var gates = zeros(logits.shape, device: logits.device).scatter_(-1, chosen, weights);
        return (gates, new Saved(x, probabilities, chosen, weights));
    }

    /// <param name="balance">Gradient of the balance loss for a probability [U, 1, E].</param>
    /// <param name="dx">Is added to.</param>
    public void Backward(Tensor dgates, Saved saved, Tensor balance, Tensor dx)
    {
        var dchosen = dgates.gather(-1, saved.Chosen);
        var dlogits = zeros(saved.Probabilities.shape, device: dx.device);
        if (RoutedCount == 1)
        {
            dlogits.scatter_(-1, saved.Chosen, dchosen).add_(balance);
            dlogits = Softmax.Backward(dlogits, saved.Probabilities);
        }
        else
        {
            dlogits.scatter_(-1, saved.Chosen, Softmax.Backward(dchosen, saved.ChosenWeights));
            dlogits.add_(Softmax.Backward(balance.expand(dlogits.shape), saved.Probabilities));
        }

        dx.add_(dlogits.bmm(Weight));
        Gradient?.add_(dlogits.transpose(1, 2).bmm(saved.Input));
    }
}
