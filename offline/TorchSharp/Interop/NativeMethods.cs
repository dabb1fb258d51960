using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp.Interop;

/// <summary>comigs_torch.h, function by function and in its order. What each does and who owns what stands
/// there.</summary>
internal static unsafe partial class NativeMethods
{
    public const string Library = "comigs_torch";

    [LibraryImport(Library)]
    public static partial int ct_abi_version();

    [LibraryImport(Library)]
    public static partial nint ct_libtorch_version();

    [LibraryImport(Library)]
    public static partial nint ct_error();

    [LibraryImport(Library)]
    public static partial int ct_cuda_device_count(out int count);

    [LibraryImport(Library)]
    public static partial int ct_cuda_synchronize(long deviceIndex);

    [LibraryImport(Library)]
    public static partial int ct_set_num_threads(int count);

    [LibraryImport(Library)]
    public static partial int ct_get_num_threads(out int count);

    [LibraryImport(Library)]
    public static partial int ct_get_grad_enabled(out int enabled);

    [LibraryImport(Library)]
    public static partial int ct_set_grad_enabled([MarshalAs(UnmanagedType.I4)] bool enabled);

    [LibraryImport(Library)]
    public static partial int ct_empty(
        ReadOnlySpan<long> shape, long rank, int dtype, int device, int index, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_full(
        ReadOnlySpan<long> shape, long rank, Number value, int dtype, int device, int index, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_from_data(
        void* data, ReadOnlySpan<long> shape, long rank, int dataDtype, int dtype, int device, int index,
        out TensorHandle result);

    [LibraryImport(Library)]
    public static partial void ct_free(nint tensor);

    [LibraryImport(Library)]
    public static partial long ct_live_tensors();

    [LibraryImport(Library)]
    public static partial long ct_rank(TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial long ct_numel(TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial int ct_dtype(TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial long ct_element_size(TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial int ct_is_contiguous(TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial void ct_device(TensorHandle tensor, out int device, out int index);

    [LibraryImport(Library)]
    public static partial void ct_layout(TensorHandle tensor, Span<long> shape, Span<long> strides);

    [LibraryImport(Library)]
    public static partial int ct_data(TensorHandle tensor, out nint data);

    [LibraryImport(Library)]
    public static partial int ct_to_device(
        TensorHandle a, int device, int index, [MarshalAs(UnmanagedType.I4)] bool copy,
        [MarshalAs(UnmanagedType.I4)] bool nonBlocking, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_to_type(
        TensorHandle a, int dtype, [MarshalAs(UnmanagedType.I4)] bool copy,
        [MarshalAs(UnmanagedType.I4)] bool nonBlocking, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_copy_(
        TensorHandle a, TensorHandle source, [MarshalAs(UnmanagedType.I4)] bool nonBlocking);

    [LibraryImport(Library)]
    public static partial int ct_clone(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_view(TensorHandle a, ReadOnlySpan<long> shape, long rank, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_reshape(TensorHandle a, ReadOnlySpan<long> shape, long rank, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_expand(
        TensorHandle a, ReadOnlySpan<long> shape, long rank, [MarshalAs(UnmanagedType.I4)] bool isImplicit,
        out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_permute(TensorHandle a, ReadOnlySpan<long> order, long rank, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_transpose(TensorHandle a, long dim0, long dim1, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_contiguous(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_unsqueeze(TensorHandle a, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_narrow(TensorHandle a, long dim, long start, long length, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_select(TensorHandle a, long dim, long index, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_cat(ReadOnlySpan<nint> tensors, long count, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_stack(ReadOnlySpan<nint> tensors, long count, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_index_select(TensorHandle a, long dim, TensorHandle index, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_gather(TensorHandle a, long dim, TensorHandle index, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_scatter_(TensorHandle a, long dim, TensorHandle index, TensorHandle source);

    [LibraryImport(Library)]
    public static partial int ct_scatter_add_(TensorHandle a, long dim, TensorHandle index, TensorHandle source);

    [LibraryImport(Library)]
    public static partial int ct_masked_fill_(TensorHandle a, TensorHandle mask, Number value);

    [LibraryImport(Library)]
    public static partial int ct_triu(TensorHandle a, long diagonal, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_topk(
        TensorHandle a, int k, long dim, [MarshalAs(UnmanagedType.I4)] bool largest,
        [MarshalAs(UnmanagedType.I4)] bool sorted, out TensorHandle values, out TensorHandle indices);

    [LibraryImport(Library)]
    public static partial int ct_mm(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_bmm(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_addmm(
        TensorHandle a, TensorHandle b, TensorHandle c, float beta, float alpha, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_add(TensorHandle a, TensorHandle b, Number alpha, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_add_scalar(TensorHandle a, Number b, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_add_(TensorHandle a, TensorHandle b, Number alpha);

    [LibraryImport(Library)]
    public static partial int ct_add_scalar_(TensorHandle a, Number b);

    [LibraryImport(Library)]
    public static partial int ct_sub(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_sub_scalar(TensorHandle a, Number b, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_sub_(TensorHandle a, TensorHandle b);

    [LibraryImport(Library)]
    public static partial int ct_mul(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_mul_scalar(TensorHandle a, Number b, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_mul_(TensorHandle a, TensorHandle b);

    [LibraryImport(Library)]
    public static partial int ct_mul_scalar_(TensorHandle a, Number b);

    [LibraryImport(Library)]
    public static partial int ct_div(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_div_scalar(TensorHandle a, Number b, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_div_(TensorHandle a, TensorHandle b);

    [LibraryImport(Library)]
    public static partial int ct_div_scalar_(TensorHandle a, Number b);

    [LibraryImport(Library)]
    public static partial int ct_addcmul_(TensorHandle a, TensorHandle b, TensorHandle c, Number value);

    [LibraryImport(Library)]
    public static partial int ct_fill_(TensorHandle a, Number value);

    [LibraryImport(Library)]
    public static partial int ct_neg(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_exp(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_sqrt(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_rsqrt(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_tanh(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_sum(
        TensorHandle a, ReadOnlySpan<long> dims, long rank, [MarshalAs(UnmanagedType.I4)] bool keepdim, int dtype,
        out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_mean(
        TensorHandle a, ReadOnlySpan<long> dims, long rank, [MarshalAs(UnmanagedType.I4)] bool keepdim, int dtype,
        out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_softmax(TensorHandle a, long dim, int dtype, out TensorHandle result);

    [LibraryImport(Library)]
    public static partial int ct_log_softmax(TensorHandle a, long dim, int dtype, out TensorHandle result);
}
