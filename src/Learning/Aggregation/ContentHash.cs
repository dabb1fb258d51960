using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CoMiGS.Learning.Aggregation;

/// <summary>Shared parameters as they travel and are named: little-endian float32, and the SHA-256 of those
/// bytes.</summary>
public static class ContentHash
{
    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static byte[] ToBytes(ReadOnlySpan<float> values) => MemoryMarshal.AsBytes(values).ToArray();

    public static float[] ToFloats(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();
}
