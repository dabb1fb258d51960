using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Causal attention of every sequence by itself.</summary>
/// <param name="Heads">H</param>
/// <param name="Length">Tokens T of a sequence.</param>
/// <param name="Future">[T, T], true where a token would look ahead.</param>
internal sealed record Attention(int Heads, int Length, Tensor Future)
{
    /// <summary>What the backward pass needs, each [sequences · H, T, …].</summary>
    public sealed record Saved(Tensor Query, Tensor Key, Tensor Value, Tensor Probabilities)
    {
        public Tensor[] Tensors => [Query, Key, Value, Probabilities];
    }

    /// <summary>[U, N, 3D] → [U, N, D].</summary>
    public (Tensor Output, Saved Saved) Forward(Tensor mixed)
    {
        long users = mixed.shape[0], tokens = mixed.shape[1], width = mixed.shape[2] / 3;
        var parts = mixed.view(-1, Length, 3, Heads, width / Heads).permute(2, 0, 3, 1, 4)
            .reshape(3, -1, Length, width / Heads);
        Tensor query = parts.select(0, 0), key = parts.select(0, 1), value = parts.select(0, 2);
        var scores = query.bmm(key.transpose(1, 2)).mul_(Scale(query));
        var probabilities = scores.masked_fill_(Future, float.NegativeInfinity).softmax(-1);
        var output = probabilities.bmm(value).view(-1, Heads, Length, width / Heads).permute(0, 2, 1, 3)
            .reshape(users, tokens, width);
        return (output, new Saved(query, key, value, probabilities));
    }

    /// <summary>[U, N, D] → [U, N, 3D].</summary>
    public Tensor Backward(Tensor dy, Saved saved)
    {
        long users = dy.shape[0], tokens = dy.shape[1], width = dy.shape[2];
        var slope = dy.view(-1, Length, Heads, width / Heads).permute(0, 2, 1, 3).reshape(-1, Length, width / Heads);
        var value = saved.Probabilities.transpose(1, 2).bmm(slope);
        var scores = Softmax.Backward(slope.bmm(saved.Value.transpose(1, 2)), saved.Probabilities)
            .mul_(Scale(saved.Query));
        var parts = stack([scores.bmm(saved.Key), scores.transpose(1, 2).bmm(saved.Query), value]);
        return parts.view(3, -1, Heads, Length, width / Heads).permute(1, 3, 0, 2, 4)
            .reshape(users, tokens, 3 * width);
    }

    private static double Scale(Tensor query) => 1 / Math.Sqrt(query.shape[2]);
}
