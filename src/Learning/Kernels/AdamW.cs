using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>AdamW's constants.</summary>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root, outside it.</param>
/// <param name="WeightDecay">Decoupled; multiplied by the learning rate.</param>
public sealed record AdamWSettings(
    double Beta1 = 0.9, double Beta2 = 0.95, double Epsilon = 1e-8, double WeightDecay = 1e-2);

/// <summary>One AdamW step over a contiguous range of parameters.</summary>
public static unsafe class AdamW
{
    /// <summary>p ← p(1 − lr·wd); m ← β1 m + (1 − β1) g; v ← β2 v + (1 − β2) g²;
    /// p ← p − lr·(m/(1 − β1^t)) / (√(v/(1 − β2^t)) + ε).</summary>
    /// <param name="stepNumber">t: 1 for the first step of these parameters.</param>
    public static void Step(
        float* parameters, float* gradients, float* firstMoments, float* secondMoments, int count,
        double learningRate, long stepNumber, AdamWSettings settings, SimdLevel level)
    {
        var scalars = new Scalars(learningRate, stepNumber, settings);
        switch (level)
        {
            case SimdLevel.Vector512:
                Run<Simd512, System.Runtime.Intrinsics.Vector512<float>>(
                    parameters, gradients, firstMoments, secondMoments, count, scalars);
                break;
            case SimdLevel.Vector256:
                Run<Simd256, System.Runtime.Intrinsics.Vector256<float>>(
                    parameters, gradients, firstMoments, secondMoments, count, scalars);
                break;
            default:
                Run<SimdPortable, System.Numerics.Vector<float>>(
                    parameters, gradients, firstMoments, secondMoments, count, scalars);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TSimd, TVector>(float* p, float* g, float* m, float* v, int count, in Scalars scalars)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            One<TSimd, TVector>(p + i, g + i, m + i, v + i, scalars);
        }

        if (i < count)
        {
            // The tail goes through the same vectors, so a parameter's bytes do not depend on where it lies.
            var tail = stackalloc float[4 * Matrix.Grain];
            new Span<float>(tail, 4 * Matrix.Grain).Clear();
            float* tp = tail, tg = tp + Matrix.Grain, tm = tg + Matrix.Grain, tv = tm + Matrix.Grain;
            long bytes = (count - i) * sizeof(float);
            Copy(p + i, tp, bytes);
            Copy(g + i, tg, bytes);
            Copy(m + i, tm, bytes);
            Copy(v + i, tv, bytes);
            One<TSimd, TVector>(tp, tg, tm, tv, scalars);
            Copy(tp, p + i, bytes);
            Copy(tm, m + i, bytes);
            Copy(tv, v + i, bytes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void One<TSimd, TVector>(float* p, float* g, float* m, float* v, in Scalars scalars)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var slope = TSimd.Load(g);
        var first = TSimd.Fma(
            TSimd.Broadcast(scalars.Beta1), TSimd.Load(m), TSimd.Multiply(TSimd.Broadcast(scalars.Rest1), slope));
        var second = TSimd.Fma(
            TSimd.Broadcast(scalars.Beta2), TSimd.Load(v),
            TSimd.Multiply(TSimd.Broadcast(scalars.Rest2), TSimd.Multiply(slope, slope)));
        TSimd.Store(m, first);
        TSimd.Store(v, second);
        var root = TSimd.Sqrt(TSimd.Divide(second, TSimd.Broadcast(scalars.Correction2)));
        var step = TSimd.Divide(
            TSimd.Divide(first, TSimd.Broadcast(scalars.Correction1)),
            TSimd.Add(root, TSimd.Broadcast(scalars.Epsilon)));
        var kept = TSimd.Multiply(TSimd.Load(p), TSimd.Broadcast(scalars.Keep));
        TSimd.Store(p, TSimd.Subtract(kept, TSimd.Multiply(TSimd.Broadcast(scalars.Rate), step)));
    }

    private static void Copy(float* source, float* target, long bytes) =>
        Buffer.MemoryCopy(source, target, bytes, bytes);

    private readonly struct Scalars(double rate, long step, AdamWSettings settings)
    {
        public readonly float Beta1 = (float)settings.Beta1, Rest1 = (float)(1 - settings.Beta1);
        public readonly float Beta2 = (float)settings.Beta2, Rest2 = (float)(1 - settings.Beta2);
        public readonly float Correction1 = (float)(1 - Math.Pow(settings.Beta1, step));
        public readonly float Correction2 = (float)(1 - Math.Pow(settings.Beta2, step));
        public readonly float Keep = (float)(1 - (rate * settings.WeightDecay));
        public readonly float Rate = (float)rate, Epsilon = (float)settings.Epsilon;
    }
}
