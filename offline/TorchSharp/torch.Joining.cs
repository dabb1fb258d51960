using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Joins along a dimension that is there already.</summary>
    public static Tensor cat(IList<Tensor> tensors, long dim = 0)
    {
        var handles = Borrow(tensors);
        var joined = new Tensor(NativeMethods.ct_cat(handles, handles.Length, dim, out var result), result);
        GC.KeepAlive(tensors);
        return joined;
    }

    /// <summary>Joins tensors of one shape along a new dimension.</summary>
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
    {
        IList<Tensor> list = [.. tensors];
        var handles = Borrow(list);
        var joined = new Tensor(NativeMethods.ct_stack(handles, handles.Length, dim, out var result), result);
        GC.KeepAlive(list);
        return joined;
    }

    // The caller keeps the tensors alive until the native call is over.
    private static nint[] Borrow(IList<Tensor> tensors) =>
        [.. tensors.Select(tensor => tensor.Native.DangerousGetHandle())];

    public static class nn
    {
        public static class functional
        {
            public static Tensor log_softmax(Tensor x, long dim) =>
                new(NativeMethods.ct_log_softmax(x.Native, dim, -1, out var result), result);
        }
    }
}
