using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // requires_grad and names stand in upstream's signatures; only their defaults are offered here.

    /// <summary>A tensor of the array's elements, copied.</summary>
    /// <exception cref="ArgumentException">The shape has more elements than the array.</exception>
    public static Tensor tensor(
        float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null) =>
        FromArray<float>(rawArray, dimensions, ScalarType.Float32, dtype, device);

    /// <inheritdoc cref="tensor(float[], ReadOnlySpan{long}, ScalarType?, Device?)"/>
    public static Tensor tensor(
        long[] dataArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null) =>
        FromArray<long>(dataArray, dimensions, ScalarType.Int64, dtype, device);

    /// <summary>Memory as it comes: fill it before reading it.</summary>
    public static Tensor empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null)
    {
        device = InitializeDevice(device);
        return new Tensor(NativeMethods.ct_empty(
            size, size.Length, Code(dtype), (int)device.type, device.index, out var result), result);
    }

    public static Tensor zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null) =>
        Filled(size, 0, dtype, device);

    public static Tensor ones(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null) =>
        Filled(size, 1, dtype, device);

    private static Tensor Filled(ReadOnlySpan<long> size, long value, ScalarType? dtype, Device? device)
    {
        device = InitializeDevice(device);
        return new Tensor(NativeMethods.ct_full(
            size, size.Length, new Number(value), Code(dtype), (int)device.type, device.index, out var result), result);
    }

    private static unsafe Tensor FromArray<T>(
        ReadOnlySpan<T> data, ReadOnlySpan<long> shape, ScalarType dataType, ScalarType? dtype, Device? device)
        where T : unmanaged
    {
        var count = 1L;
        foreach (var size in shape)
        {
            count *= size;
        }

        if (count > data.Length)
        {
            throw new ArgumentException(
                $"mismatched total size creating a tensor from an array: {count} vs. {data.Length}", nameof(data));
        }

        device = InitializeDevice(device);
        fixed (T* first = &MemoryMarshal.GetReference(data))
        {
            return new Tensor(NativeMethods.ct_from_data(
                first, shape, shape.Length, (int)dataType, (int)(dtype ?? dataType), (int)device.type, device.index,
                out var result), result);
        }
    }

    private static int Code(ScalarType? dtype) => (int)(dtype ?? ScalarType.Float32);
}
