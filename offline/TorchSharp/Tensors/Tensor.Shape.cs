using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        /// <summary>The same memory in another shape; one size may be -1.</summary>
        public Tensor view(params long[] shape) =>
            new(NativeMethods.ct_view(Native, shape, shape.Length, out var result), result);

        /// <summary>A view where that is possible, else a copy.</summary>
        public Tensor reshape(params long[] shape) =>
            new(NativeMethods.ct_reshape(Native, shape, shape.Length, out var result), result);

        /// <summary>Repeats dimensions of size 1 without copying; -1 keeps a size.</summary>
        public Tensor expand(params long[] sizes) =>
            new(NativeMethods.ct_expand(Native, sizes, sizes.Length, isImplicit: false, out var result), result);

        public Tensor permute(params long[] permutation) =>
            new(NativeMethods.ct_permute(Native, permutation, permutation.Length, out var result), result);

        public Tensor transpose(long dim0, long dim1) =>
            new(NativeMethods.ct_transpose(Native, dim0, dim1, out var result), result);

        public Tensor contiguous() => new(NativeMethods.ct_contiguous(Native, out var result), result);

        public Tensor unsqueeze(long dim) => new(NativeMethods.ct_unsqueeze(Native, dim, out var result), result);

        /// <summary>A view of indices [start, start + length) of one dimension.</summary>
        public Tensor narrow(long dim, long start, long length) =>
            new(NativeMethods.ct_narrow(Native, dim, start, length, out var result), result);

        /// <summary>A view of one index of one dimension, which goes away.</summary>
        public Tensor select(long dim, long index) =>
            new(NativeMethods.ct_select(Native, dim, index, out var result), result);

        /// <summary>Copies the slices that a 1-D index names.</summary>
        public Tensor index_select(long dim, Tensor index) =>
            new(NativeMethods.ct_index_select(Native, dim, index.Native, out var result), result);

        /// <summary>Per element of the index: this tensor's element at that index of one dimension.</summary>
        public Tensor gather(long dim, Tensor index) =>
            new(NativeMethods.ct_gather(Native, dim, index.Native, out var result), result);

        /// <summary>Writes each element of src to where the index says along one dimension.</summary>
        public Tensor scatter_(long dim, Tensor index, Tensor src) =>
            Done(NativeMethods.ct_scatter_(Native, dim, index.Native, src.Native));

        /// <summary>As <see cref="scatter_"/>, adding.</summary>
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) =>
            Done(NativeMethods.ct_scatter_add_(Native, dim, index.Native, src.Native));

        /// <summary>Zeroes what lies below a diagonal; 0 is the main one, 1 the next above.</summary>
        public Tensor triu(long diagonal = 0) => new(NativeMethods.ct_triu(Native, diagonal, out var result), result);

        public Tensor masked_fill_(Tensor mask, Scalar value) =>
            Done(NativeMethods.ct_masked_fill_(Native, mask.Native, value.Value));
    }
}
