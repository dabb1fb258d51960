using System.Numerics;
using System.Runtime.InteropServices;

namespace CoMiGS.Learning.Aggregation;

/// <summary>An exact sum of float vectors in 64-bit fixed point: integer addition is associative, so neither the order
/// of the users nor their placement can change a bit of it. A value is rounded once, to the nearest 2^-40, before it is
/// added.</summary>
public sealed class FixedPointSum
{
    /// <summary>Units per 1.0.</summary>
    public const double Units = 1L << 40;

    /// <summary>Values have a smaller magnitude; no healthy adapter comes near.</summary>
    public const float MagnitudeLimit = 128;

    /// <summary>Most vectors in one sum: 2^16 values below 2^7 in units of 2^-40 stay below 2^63.</summary>
    public const int CountLimit = 1 << 16;

    // Adding 1.5·2^52 to a double below 2^51 leaves its nearest integer in the low bits of the significand.
    private const double Magic = 6755399441055744;

    private readonly long[] sum;

    private FixedPointSum(long[] sum, int count)
    {
        this.sum = sum;
        Count = count;
    }

    /// <summary>An empty sum of vectors of <paramref name="length"/> floats.</summary>
    public FixedPointSum(int length)
        : this(new long[length], 0)
    {
    }

    /// <summary>Vectors added so far.</summary>
    public int Count { get; private set; }

    /// <summary>A sum from the bytes of <see cref="ToBytes"/>.</summary>
    public static FixedPointSum FromBytes(ReadOnlySpan<byte> bytes, int count) =>
        new(MemoryMarshal.Cast<byte, long>(bytes).ToArray(), count);

    /// <summary>Little-endian int64.</summary>
    public byte[] ToBytes() => MemoryMarshal.AsBytes(sum.AsSpan()).ToArray();

    /// <summary>Adds weight · vector of one user; on an error nothing is added.</summary>
    /// <param name="weight">In (0, 1].</param>
    /// <param name="values">In range: <see cref="UploadCheck"/> sees to that, here nobody looks again.</param>
    /// <exception cref="InvalidOperationException">The sum is full.</exception>
    public void Add(double weight, ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, sum.Length, nameof(values));
        if (weight is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "A weight is above 0 and at most 1.");
        }

        RequireRoom(1);
        int i = 0, floats = Vector<float>.Count, doubles = Vector<double>.Count;
        Vector<double> units = new(weight * Units), magic = new(Magic);
        var zero = Vector.AsVectorInt64(magic);
        for (; i <= values.Length - floats; i += floats)
        {
            Vector.Widen(new Vector<float>(values[i..]), out var low, out var high);
            AddTo(i, Vector.AsVectorInt64((low * units) + magic) - zero);
            AddTo(i + doubles, Vector.AsVectorInt64((high * units) + magic) - zero);
        }

        for (; i < values.Length; i++)
        {
            sum[i] += (long)Math.Round(values[i] * (weight * Units));
        }

        Count++;
    }

    /// <summary>Adds another sum.</summary>
    /// <exception cref="InvalidOperationException">Together they are too many.</exception>
    public void Add(FixedPointSum other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.sum.Length, sum.Length, nameof(other));
        RequireRoom(other.Count);
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] += other.sum[i];
        }

        Count += other.Count;
    }

    /// <summary>The weighted mean of everything added.</summary>
    /// <param name="totalWeight">Of the vectors; that many if each has weight 1.</param>
    /// <exception cref="InvalidOperationException">Nothing was added.</exception>
    public float[] Mean(double totalWeight)
    {
        if (Count == 0)
        {
            throw new InvalidOperationException("The mean of no users is undefined.");
        }

        var mean = new float[sum.Length];
        for (var i = 0; i < mean.Length; i++)
        {
            mean[i] = (float)(sum[i] / (Units * totalWeight));
        }

        return mean;
    }

    /// <summary>The mean of a few numbers by the same arithmetic.</summary>
    /// <param name="values">At least one, at most <see cref="CountLimit"/>, in range.</param>
    public static float MeanOf(ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, CountLimit, nameof(values));
        var sum = 0L;
        foreach (var value in values)
        {
            sum += (long)Math.Round(value * Units);
        }

        return (float)(sum / (Units * values.Length));
    }

    private void AddTo(int index, Vector<long> values)
    {
        var target = sum.AsSpan(index);
        (new Vector<long>(target) + values).CopyTo(target);
    }

    private void RequireRoom(int more)
    {
        if (Count + more > CountLimit)
        {
            throw new InvalidOperationException(
                $"A mean over {Count + more} users does not fit into 64-bit fixed point; the limit is {CountLimit}.");
        }
    }
}
