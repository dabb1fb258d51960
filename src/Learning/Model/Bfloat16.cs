using System.Numerics;
using System.Runtime.InteropServices;

namespace CoMiGS.Learning.Model;

/// <summary>Turns float32 into bfloat16, which is its upper half, and back.</summary>
public static class Bfloat16
{
    private const uint Half = 0x7FFF;              // just below half of the last bit that stays
    private const uint QuietBit = 0x0040;          // keeps a NaN from becoming infinite
    private const uint Magnitude = 0x7FFF_FFFF;
    private const uint Infinity = 0x7F80_0000;

    /// <summary>To the nearest, ties to even; what is too large becomes infinite, NaN stays NaN.</summary>
    /// <param name="rounded">As long as <paramref name="values"/>.</param>
    public static void Narrow(ReadOnlySpan<float> values, Span<ushort> rounded)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rounded.Length, values.Length);
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var (i, width) = (0, Vector<uint>.Count);
        for (; i <= bits.Length - (2 * width); i += 2 * width)
        {
            Vector.Narrow(Narrow(new Vector<uint>(bits[i..])), Narrow(new Vector<uint>(bits[(i + width)..])))
                .CopyTo(rounded[i..]);
        }

        for (; i < bits.Length; i++)
        {
            rounded[i] = (ushort)Narrow(new Vector<uint>(bits[i]))[0];
        }
    }

    /// <summary>Exact.</summary>
    /// <param name="values">As long as <paramref name="rounded"/>.</param>
    public static void Widen(ReadOnlySpan<ushort> rounded, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, rounded.Length);
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var (i, width) = (0, Vector<uint>.Count);
        for (; i <= rounded.Length - (2 * width); i += 2 * width)
        {
            Vector.Widen(new Vector<ushort>(rounded[i..]), out var lower, out var upper);
            (lower << 16).CopyTo(bits[i..]);
            (upper << 16).CopyTo(bits[(i + width)..]);
        }

        for (; i < rounded.Length; i++)
        {
            bits[i] = (uint)rounded[i] << 16;
        }
    }

    /// <summary>The upper halves, in the lower ones' place.</summary>
    private static Vector<uint> Narrow(Vector<uint> bits)
    {
        var kept = bits >> 16;
        var rounded = (bits + new Vector<uint>(Half) + (kept & Vector<uint>.One)) >> 16;
        var isNumber = Vector.LessThanOrEqual(bits & new Vector<uint>(Magnitude), new Vector<uint>(Infinity));
        return Vector.ConditionalSelect(isNumber, rounded, kept | new Vector<uint>(QuietBit));
    }
}
