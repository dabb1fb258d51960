using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoMiGS.Learning.Kernels.Measurement;

/// <summary>What one core can do at most, and what the matrix product makes of it.</summary>
public static unsafe class MachinePeak
{
    private const int Rounds = 200_000;

    /// <summary>Fused multiply-adds on registers alone, GFLOP/s of the calling thread: the best of several short runs.
    /// </summary>
    public static double FmaGflops(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => Best(Fma<Simd512, Vector512<float>>, 24.0 * Simd512.Width * Rounds),
        SimdLevel.Vector256 => Best(Fma<Simd256, Vector256<float>>, 24.0 * Simd256.Width * Rounds),
        _ => Best(Fma<SimdPortable, Vector<float>>, 24.0 * SimdPortable.Width * Rounds),
    };

    /// <summary>The packed product [tokens, inputs]·[inputs, outputs], GFLOP/s of the calling thread.</summary>
    public static double ProductGflops(SimdLevel level, int tokens, int inputs, int outputs)
    {
        var panel = 2 * Matrix.Grain;
        using var arena = new Arena(
            sizeof(float)
            * ((2L * (tokens + 1) * (inputs + outputs + (4 * panel))) + ((long)inputs * (outputs + panel))));
        var cursor = arena.Open();
        Matrix a = cursor.Matrix(tokens, inputs), c = cursor.Matrix(tokens, outputs);
        var b = (nint)cursor.Floats((long)inputs * (outputs + panel));
        var work = 2.0 * tokens * inputs * outputs;
        Action run = level switch
        {
            SimdLevel.Vector512 => () => Product<Simd512, Vector512<float>>(a, inputs, b, c, tokens, outputs),
            SimdLevel.Vector256 => () => Product<Simd256, Vector256<float>>(a, inputs, b, c, tokens, outputs),
            _ => () => Product<SimdPortable, Vector<float>>(a, inputs, b, c, tokens, outputs),
        };
        return Best(run, work);
    }

    private static void Product<TSimd, TVector>(Matrix a, int inputs, nint b, Matrix c, int tokens, int outputs)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        ProductKernel<TSimd, TVector>.Run(
            new Product(a, inputs, ProductKernel<TSimd, TVector>.Packed((float*)b, inputs), c), tokens, outputs);

    private static double Best(Action run, double work)
    {
        run();
        double best = 0;
        var whole = Stopwatch.StartNew();
        for (var i = 0; i < 20 || whole.ElapsedMilliseconds < 100; i++)
        {
            var watch = Stopwatch.StartNew();
            run();
            best = Math.Max(best, work / watch.Elapsed.TotalSeconds / 1e9);
        }

        return best;
    }

    // Twelve independent chains: more than latency × units of any core, and few enough for 16 registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fma<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector x = TSimd.Broadcast(0.5f), y = TSimd.Broadcast(1f);
        TVector a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (var round = 0; round < Rounds; round++)
        {
            a = TSimd.Fma(a, x, y);
            b = TSimd.Fma(b, x, y);
            c = TSimd.Fma(c, x, y);
            d = TSimd.Fma(d, x, y);
            e = TSimd.Fma(e, x, y);
            f = TSimd.Fma(f, x, y);
            g = TSimd.Fma(g, x, y);
            h = TSimd.Fma(h, x, y);
            i = TSimd.Fma(i, x, y);
            j = TSimd.Fma(j, x, y);
            k = TSimd.Fma(k, x, y);
            l = TSimd.Fma(l, x, y);
        }

        var sum = TSimd.Add(TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d)), TSimd.Add(TSimd.Add(e, f), TSimd.Add(g, h)));
        var kept = stackalloc float[Matrix.Grain];
        TSimd.Store(kept, TSimd.Add(sum, TSimd.Add(TSimd.Add(i, j), TSimd.Add(k, l))));
    }
}
