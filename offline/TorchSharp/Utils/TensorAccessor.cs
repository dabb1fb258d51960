using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor on the CPU in row-major order of its shape, whatever its strides. Read it while
/// the tensor lives; for much data <see cref="torch.Tensor.bytes"/> is faster.</summary>
public sealed unsafe class TensorAccessor<T> : IEnumerable<T>, IDisposable
    where T : unmanaged
{
    private readonly torch.Tensor tensor;
    private readonly long[] shape;
    private readonly long[] strides;

    internal TensorAccessor(torch.Tensor tensor)
    {
        this.tensor = tensor;
        shape = tensor.shape;
        strides = tensor.stride();
    }

    public long Count => tensor.numel();

    /// <summary>The element at a linear index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative or not below <see
    /// cref="Count"/>.</exception>
    public T this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return At((T*)tensor.Address(), index);
        }
    }

    public T[] ToArray()
    {
        var result = new T[Count];
        var memory = (T*)tensor.Address();
        for (long i = 0; i < result.Length; i++)
        {
            result[i] = At(memory, i);
        }

        return result;
    }

    public IEnumerator<T> GetEnumerator() => ToArray().AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
    }

    private T At(T* memory, long index)
    {
        long offset = 0;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            (index, var coordinate) = Math.DivRem(index, shape[i]);
            offset += coordinate * strides[i];
        }

        return memory[offset];
    }
}
