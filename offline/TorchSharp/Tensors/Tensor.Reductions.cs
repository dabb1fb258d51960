using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        // type: the elements are converted to it before the reduction; null keeps theirs.

        /// <summary>Of all elements: a tensor of rank 0.</summary>
        public Tensor sum(ScalarType? type = null) =>
            new(NativeMethods.ct_sum(Native, [], -1, false, Code(type), out var result), result);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            new(NativeMethods.ct_sum(Native, dim, dim.Length, keepdim, Code(type), out var result), result);

        /// <summary>Of all elements: a tensor of rank 0.</summary>
        public Tensor mean() => new(NativeMethods.ct_mean(Native, [], -1, false, -1, out var result), result);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            new(NativeMethods.ct_mean(
                Native, dimensions, dimensions.Length, keepdim, Code(type), out var result), result);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            NativeBackend.Check(
                NativeMethods.ct_topk(Native, k, dim, largest, sorted, out var values, out var indices));
            return (new Tensor(0, values), new Tensor(0, indices));
        }

        public Tensor softmax(long dim, ScalarType? dtype = null) =>
            new(NativeMethods.ct_softmax(Native, dim, Code(dtype), out var result), result);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) =>
            new(NativeMethods.ct_log_softmax(Native, dim, Code(dtype), out var result), result);

        private static int Code(ScalarType? type) => type is { } chosen ? (int)chosen : -1;
    }
}
