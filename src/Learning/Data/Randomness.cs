using System.Runtime.CompilerServices;
using System.Text;

namespace CoMiGS.Learning.Data;

/// <summary>
/// A stream of random numbers that is a pure function of a seed and keys (round, user, purpose, index, …): the same
/// numbers in every process, on every machine, whatever ran before. SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
/// Cheap to make, so make one where it is needed; one instance belongs to one thread.
/// </summary>
public sealed class Randomness
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong state;

    private Randomness(ulong state) => this.state = state;

    /// <summary>The stream of a seed and keys. Every key counts, and so do their order and number.</summary>
    public static Randomness Of(ulong seed, params ReadOnlySpan<ulong> keys) => new(StateOf(seed, keys));

    /// <summary>The first <see cref="NextDouble"/> of the stream of a seed and keys; makes nothing.</summary>
    public static double Uniform(ulong seed, params ReadOnlySpan<ulong> keys) =>
        ToDouble(Mix(StateOf(seed, keys) + Golden));

    /// <summary>A key made of text (user id, purpose): 64-bit FNV-1a over its UTF-8 bytes. Never changes.</summary>
    public static ulong Key(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64() => Mix(state += Golden);

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => ToDouble(NextUInt64());

    /// <summary>Standard normal (Box–Muller, one value from two draws).</summary>
    public double NextNormal()
    {
        var radius = Math.Sqrt(-2.0 * Math.Log(1.0 - NextDouble()));   // 1 − u is in (0, 1]: the logarithm is finite
        return radius * Math.Cos(2.0 * Math.PI * NextDouble());
    }

    /// <summary>Uniform in [0, <paramref name="limit"/>), unbiased (Lemire, TOMACS 2019); limit ≥ 1.</summary>
    public long NextBelow(long limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var n = (ulong)limit;
        var high = Math.BigMul(NextUInt64(), n, out var low);
        if (low < n)
        {
            for (var rejected = (0 - n) % n; low < rejected;)
            {
                high = Math.BigMul(NextUInt64(), n, out low);
            }
        }

        return (long)high;
    }

    /// <summary>Uniform in [0, <paramref name="limit"/>), unbiased; limit ≥ 1.</summary>
    public int NextBelow(int limit) => (int)NextBelow((long)limit);

    private static ulong StateOf(ulong seed, ReadOnlySpan<ulong> keys)
    {
        var state = Mix(seed + Golden);
        foreach (var key in keys)
        {
            state = Mix(Mix(state + Golden) ^ key);
        }

        return state;
    }

    private static double ToDouble(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
