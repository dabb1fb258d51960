using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Tests.Kernels;

public sealed unsafe class ExpertMixTests
{
    private const int Tokens = 5;
    private static readonly int[] Index = [0, 2, 4];   // the expert's tokens

    // Both ways against double precision, and that against central differences of Σ dh · weight · gelu(pre).
    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void Mix_OddWidths_MatchesDoublePrecisionBothWays(SimdLevel level)
    {
        foreach (var width in new[] { 1, 3, 16, 17, 31, 64 })
        {
            Check(level, width, isFirst: false);
            Check(level, width, isFirst: true);
        }
    }

    private static void Check(SimdLevel level, int width, bool isFirst)
    {
        var (rows, size) = (Index.Length, Index.Length * width);
        float[] pre = Samples.Floats(1, size, 3), dh = Samples.Floats(2, size), weights = Samples.Floats(3, rows);
        float[] before = Samples.Floats(4, Tokens * width), dweight = new float[rows], alone = new float[rows];
        using var sheets = new Sheets();
        Matrix values = sheets.Of(rows, width, pre), back = sheets.Of(rows, width, dh);
        Matrix hidden = sheets.New(rows, width), again = sheets.New(rows, width);
        Matrix mix = sheets.Of(Tokens, width, before), dbase = sheets.Of(Tokens, width, before);
        float* dots = sheets.New(rows, Matrix.Grain).Data, others = sheets.New(rows, Matrix.Grain).Data;
        fixed (int* index = Index)
        fixed (float* w = weights, d = dweight, o = alone)
        {
            var kernels = Primitives.At(level);
            kernels.Mix(values, rows, width, index, w, hidden, mix, isFirst);
            kernels.Dots(back, values, rows, width, others);
            kernels.SumDots(others, rows, o);
            kernels.MixBack(back, values, rows, width, index, w, again, dbase, dots, isFirst);
            kernels.SumDots(dots, rows, d);
        }

        double[] h = [.. pre.Select(x => ReferenceModel.Gelu(x))];
        double[] dpre = [.. pre.Select((x, i) => weights[i / width] * dh[i] * ReferenceModel.GeluSlope(x))];
        double[] expectedDots =
            [.. weights.Select((_, row) => Enumerable.Range(row * width, width).Sum(i => h[i] * dh[i]))];
        FiniteDifferences.Check(
            x => Enumerable.Range(0, size).Sum(i => dh[i] * x[size + (i / width)] * ReferenceModel.Gelu(x[i])),
            [.. pre, .. weights], [.. dpre, .. expectedDots]);

        Assert.InRange(Samples.Difference(Sheets.Values(hidden, rows, width), h), 0, 1e-6);
        Assert.InRange(Samples.Difference(Sheets.Values(back, rows, width), dpre), 0, 2e-6);
        Assert.Equal(Sheets.Values(hidden, rows, width), Sheets.Values(again, rows, width));
        Assert.InRange(Samples.Difference(dweight, expectedDots), 0, 3e-6);
        Assert.Equal(dweight, alone);
        double[] weighted = [.. h.Select((value, i) => weights[i / width] * value)];
        Assert.InRange(Samples.Difference(Sheets.Values(mix, Tokens, width), Added(weighted)), 0, 1e-6);
        Assert.InRange(Samples.Difference(Sheets.Values(dbase, Tokens, width), Added(dpre)), 0, 2e-6);

        // Rows of tokens that are not the expert's stay as they were.
        double[] Added(double[] terms)
        {
            double[] sum = [.. before];
            for (var i = 0; i < terms.Length; i++)
            {
                var at = (Index[i / width] * width) + (i % width);
                sum[at] = (isFirst ? 0 : sum[at]) + terms[i];
            }

            return sum;
        }
    }
}
