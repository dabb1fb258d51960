using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Tests.Kernels;

public sealed unsafe class ElementwiseTests
{
    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void Exp2_WholeRange_IsWithinTwoUlps(SimdLevel level)
    {
        foreach (var (x, y) in Mapped(level, "exp2", 125))
        {
            Assert.Equal(1, y / Math.Pow(2, x), 2e-7);
        }
    }

    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void Gelu_WholeRange_MatchesDoublePrecision(SimdLevel level)
    {
        foreach (var (x, y) in Mapped(level, "gelu", 12))
        {
            Assert.Equal(ReferenceModel.Gelu(x), y, 2e-7 * Math.Max(1, Math.Abs(x)));
        }

        foreach (var (x, y) in Mapped(level, "slope", 12))
        {
            Assert.Equal(ReferenceModel.GeluSlope(x), y, 5e-7);
            FiniteDifferences.Check(at => ReferenceModel.Gelu(at[0]), [x], [ReferenceModel.GeluSlope(x)]);
        }
    }

    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void LayerNorm_OddWidths_MatchesDoublePrecisionBothWays(SimdLevel level)
    {
        var kernels = Primitives.At(level);
        foreach (var width in new[] { 1, 3, 16, 17, 31, 128, 130 })
        {
            const int Rows = 5;
            using var sheets = new Sheets();
            float[] values = [.. Samples.Floats(1, Rows * width).Select(x => (3 * x) + 5)];
            float[] scale = Samples.Floats(2, width), shift = Samples.Floats(3, width);
            float[] slope = Samples.Floats(4, Rows * width), before = Samples.Floats(5, Rows * width);
            var norm = new NormWeights(sheets.Of(1, width, scale).Data, sheets.Of(1, width, shift).Data);
            Matrix x = sheets.Of(Rows, width, values), z = sheets.New(Rows, width);
            var statistics = sheets.New(Rows, 2).Data;
            kernels.Normalise(x, Rows, width, norm, z, statistics);
            var dx = sheets.Of(Rows, width, before);
            kernels.NormaliseBack(x, statistics, Rows, width, norm, sheets.Of(Rows, width, slope), dx);

            double Objective(double[] at) => Normalised(at, width, scale, shift).Select((y, i) => y * slope[i]).Sum();
            double[] exact = [.. values];
            var expected = Normalised(exact, width, scale, shift);
            Assert.InRange(Samples.Difference(Sheets.Values(z, Rows, width), expected), 0, 3e-6);
            double[] gradient = [.. Sheets.Values(dx, Rows, width).Select((y, i) => (double)y - before[i])];
            for (var i = 0; i < exact.Length; i += 7)
            {
                double[] up = [.. exact], down = [.. exact];
                up[i] += 1e-5;
                down[i] -= 1e-5;
                Assert.Equal((Objective(up) - Objective(down)) / 2e-5, gradient[i], 3e-5 * (1 + Math.Abs(gradient[i])));
            }
        }
    }

    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void AdamW_ThreeSteps_MatchesDoublePrecisionWhereverTheParameterLies(SimdLevel level)
    {
        const int Count = 37;
        var settings = new AdamWSettings();
        float[] p = Samples.Floats(1, Count), m = new float[Count], v = new float[Count];
        double[] pe = [.. p], me = new double[Count], ve = new double[Count];
        for (var step = 1; step <= 3; step++)
        {
            var gradient = Samples.Floats(step, Count, 0.01);
            gradient[5] = 0;
            fixed (float* pp = p, gp = gradient, mp = m, vp = v)
            {
                AdamW.Step(pp, gp, mp, vp, Count, 2e-3, step, settings, level);
            }

            for (var i = 0; i < Count; i++)
            {
                pe[i] *= 1 - (2e-3 * settings.WeightDecay);
                me[i] = (0.9 * me[i]) + (0.1 * gradient[i]);
                ve[i] = (0.95 * ve[i]) + (0.05 * gradient[i] * gradient[i]);
                var root = Math.Sqrt(ve[i] / (1 - Math.Pow(0.95, step))) + 1e-8;
                pe[i] -= 2e-3 * (me[i] / (1 - Math.Pow(0.9, step))) / root;
            }
        }

        Assert.InRange(Samples.Difference(p, pe), 0, 2e-7);
        Assert.InRange(Samples.Difference(m, me), 0, 1e-6);
        Assert.InRange(Samples.Difference(v, ve), 0, 1e-6);
    }

    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void AdamW_OneParameterInAVectorOrInATail_GivesTheSameBytes(SimdLevel level)
    {
        float[] Step(int count)
        {
            float[] p = Samples.Floats(1, count), g = Samples.Floats(2, count), m = Samples.Floats(3, count);
            float[] v = [.. Samples.Floats(4, count).Select(Math.Abs)];
            fixed (float* pp = p, gp = g, mp = m, vp = v)
            {
                AdamW.Step(pp, gp, mp, vp, count, 1e-2, 4, new AdamWSettings(), level);
            }

            return p;
        }

        Assert.Equal(Step(32)[..19], Step(19));
    }

    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void Fold_AnyLength_AddsEachElementOnce(SimdLevel level)
    {
        foreach (var count in new[] { 1, 15, 16, 50 })
        {
            float[] target = Samples.Floats(1, count), source = Samples.Floats(2, count);
            float[] expected = [.. target.Zip(source, (a, b) => a + b)];
            fixed (float* to = target, from = source)
            {
                Fold.Into(to, from, count, level);
            }

            Assert.Equal(expected, target);
        }
    }

    private static double[] Normalised(double[] x, int width, float[] scale, float[] shift)
    {
        var result = new double[x.Length];
        for (var start = 0; start < x.Length; start += width)
        {
            var row = x.AsSpan(start, width).ToArray();
            var mean = row.Average();
            var variance = row.Average(value => (value - mean) * (value - mean));
            for (var i = 0; i < width; i++)
            {
                result[start + i] =
                    ((row[i] - mean) / Math.Sqrt(variance + ModelShape.LayerNormEpsilon) * scale[i]) + shift[i];
            }
        }

        return result;
    }

    private static List<(float X, float Y)> Mapped(SimdLevel level, string function, float limit)
    {
        List<(float X, float Y)> mapped = [];
        var kernels = Primitives.At(level);
        for (var start = -limit; start < limit; start += limit / 64)
        {
            var x = new float[Matrix.Grain];
            var y = new float[Matrix.Grain];
            for (var i = 0; i < x.Length; i++)
            {
                x[i] = start + (i * limit / 1024);
            }

            fixed (float* from = x, to = y)
            {
                kernels.Map(function, from, to);
            }

            mapped.AddRange(x.Zip(y));
        }

        return mapped;
    }
}
