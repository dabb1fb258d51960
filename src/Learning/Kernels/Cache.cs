using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace CoMiGS.Learning.Kernels;

/// <summary>Hints about memory; results do not depend on them.</summary>
internal static unsafe class Cache
{
    /// <summary>Asks for the cache line at an address, which need not exist, and does not wait for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(float* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }
}
