using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>Adds buffers. Float addition is not associative: callers fold in a fixed order.</summary>
public static unsafe class Fold
{
    /// <summary>target += source. One addition per element, so the same bytes at every level.</summary>
    public static void Into(float* target, float* source, int count, SimdLevel level)
    {
        switch (level)
        {
            case SimdLevel.Vector512:
                Scaled<Simd512, System.Runtime.Intrinsics.Vector512<float>>(target, source, count, 1);
                break;
            case SimdLevel.Vector256:
                Scaled<Simd256, System.Runtime.Intrinsics.Vector256<float>>(target, source, count, 1);
                break;
            default:
                Scaled<SimdPortable, System.Numerics.Vector<float>>(target, source, count, 1);
                break;
        }
    }

    /// <summary>target += scale·source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Scaled<TSimd, TVector>(float* target, float* source, int count, float scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var i = 0;
        var scales = TSimd.Broadcast(scale);
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            TSimd.Store(target + i, TSimd.Fma(TSimd.Load(source + i), scales, TSimd.Load(target + i)));
        }

        for (; i < count; i++)
        {
            target[i] = MathF.FusedMultiplyAdd(source[i], scale, target[i]);
        }
    }
}
