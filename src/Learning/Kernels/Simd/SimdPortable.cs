using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace CoMiGS.Learning.Kernels;

/// <summary>As many floats as the runtime's own vector has on this machine.</summary>
internal readonly unsafe struct SimdPortable : ISimd<Vector<float>>
{
    public static int Width => Vector<float>.Count;

    public static bool HasManyRegisters => Vector512.IsHardwareAccelerated || AdvSimd.IsSupported;

    public static Vector<float> Zero => Vector<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Broadcast(float value) => Vector.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Load(float* source) => Vector.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> BroadcastPair(float* source) =>
        Vector.AsVectorSingle(Vector.Create(*(double*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> SumPairs(Vector<float> a)
    {
        var sums = Vector<float>.Zero;
        for (var i = 0; i < Vector<float>.Count / 2; i++)
        {
            sums = sums.WithElement(i, a[2 * i] + a[(2 * i) + 1]);
        }

        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector<float> value) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Fma(Vector<float> a, Vector<float> b, Vector<float> c) =>
        Vector.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Add(Vector<float> a, Vector<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Subtract(Vector<float> a, Vector<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Multiply(Vector<float> a, Vector<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Divide(Vector<float> a, Vector<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Min(Vector<float> a, Vector<float> b) => Vector.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Max(Vector<float> a, Vector<float> b) => Vector.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sqrt(Vector<float> a) => Vector.SquareRoot(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector<float> a) => Vector.Sum(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector<float> a)
    {
        var largest = a[0];
        for (var i = 1; i < Vector<float>.Count; i++)
        {
            largest = float.MaxNative(largest, a[i]);
        }

        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Round(Vector<float> a) => Vector.Round(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> TimesPowerOfTwo(Vector<float> a, Vector<float> n)
    {
        var bits = Vector.ClampNative(n, Vector.Create(-127f), Vector.Create(128f)) + Vector.Create(127f);
        return a * Vector.AsVectorSingle(Vector.ConvertToInt32Native(bits) << 23);
    }
}
