using CoMiGS.Learning.Model;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Output head with cross-entropy, some rows at a time: logits of all tokens would dwarf everything
/// else.</summary>
internal static class Head
{
    /// <summary>Memory of one slice's logits, in bytes.</summary>
    private const long SliceBytes = 64L << 20;

    /// <summary>−log p of every target [rows].</summary>
    /// <param name="x">[rows, D]</param>
    /// <param name="targets">[rows]</param>
    public static Tensor Losses(Tensor x, Tensor targets, FrozenBase frozen) =>
        cat([.. Slices(x.shape[0], frozen.Shape).Select(slice =>
        {
            using var scope = NewDisposeScope();
            var (_, losses) = Slice(x, targets, frozen, slice);
            return losses.MoveToOuterDisposeScope();
        })]);

    /// <summary>As <see cref="Losses"/>, with the gradient of x [rows, D] of <paramref name="weight"/> · Σ
    /// losses.</summary>
    public static (Tensor Losses, Tensor Gradient) LossesAndGradient(
        Tensor x, Tensor targets, FrozenBase frozen, double weight)
    {
        var gradient = empty(x.shape, device: x.device);
        var losses = Slices(x.shape[0], frozen.Shape).Select(slice =>
        {
            using var scope = NewDisposeScope();
            var (logarithms, part) = Slice(x, targets, frozen, slice);
            var index = targets.narrow(0, slice.Start, slice.Length).view(-1, 1);
            var slope = logarithms.exp();
            slope.scatter_add_(1, index, ones(index.shape, device: x.device).neg());
            gradient.narrow(0, slice.Start, slice.Length).copy_(frozen.TokenEmbedding.Multiply(slope).mul_(weight));
            return part.MoveToOuterDisposeScope();
        });
        return (cat([.. losses]), gradient);
    }

    /// <summary>[rows, V], all at once.</summary>
    public static Tensor Logits(Tensor x, FrozenBase frozen) => frozen.TokenEmbedding.MultiplyTransposed(x);

    private static (Tensor Logarithms, Tensor Losses) Slice(
        Tensor x, Tensor targets, FrozenBase frozen, (long Start, long Length) slice)
    {
        var logits = Logits(x.narrow(0, slice.Start, slice.Length), frozen);
        var logarithms = nn.functional.log_softmax(logits, 1);
        var index = targets.narrow(0, slice.Start, slice.Length).view(-1, 1);
        return (logarithms, logarithms.gather(1, index).view(-1).neg());
    }

    private static IEnumerable<(long Start, long Length)> Slices(long rows, ModelShape shape)
    {
        var length = Math.Max(1, SliceBytes / (sizeof(float) * (long)shape.VocabularySize));
        for (long start = 0; start < rows; start += length)
        {
            yield return (start, Math.Min(length, rows - start));
        }
    }
}
