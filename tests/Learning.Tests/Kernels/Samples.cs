using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Tests.Kernels;

/// <summary>Seeded models, parameters and numbers for the kernels' tests.</summary>
internal static class Samples
{
    /// <summary>Every SIMD level this machine has.</summary>
    public static TheoryData<SimdLevel> Levels =>
        [.. Enum.GetValues<SimdLevel>().Where(level => level <= SimdLevels.Best)];

    public static float[] Floats(int seed, int count, double size = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(size * ((2 * random.NextDouble()) - 1)))];
    }

    public static int[] Tokens(int seed, int count, int vocabulary)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }

    public static BaseCheckpoint Checkpoint(ModelShape shape, int seed)
    {
        int d = shape.Width, next = seed * 1000;
        LayerNormWeights Norm() => new([.. Floats(next++, d, 0.3).Select(x => 1 + x)], Floats(next++, d, 0.2));
        LinearWeights Linear(int inputs, int outputs) =>
            new(Floats(next++, inputs * outputs, 1.5 / Math.Sqrt(inputs)), Floats(next++, outputs, 0.3));
        return new(
            shape, Floats(next++, shape.VocabularySize * d), Floats(next++, shape.PositionCount * d, 0.5),
            [.. Enumerable.Range(0, shape.LayerCount).Select(_ => new BaseBlock(
                Norm(), Linear(d, 3 * d), Linear(d, d), Norm(), Linear(d, 4 * d), Linear(4 * d, d)))],
            Norm());
    }

    /// <summary>Parameters of a user that has trained: no B is zero, and routers prefer.</summary>
    public static float[] Parameters(ParameterLayout layout, int seed)
    {
        var values = new float[layout.Length];
        foreach (var p in layout.Parameters)
        {
            var size = p.Factor == Factor.B ? 0.05 : 1 / Math.Sqrt(p.Columns);
            Floats(seed + p.Offset, p.Length, size).CopyTo(values, p.Offset);
        }

        return values;
    }

    /// <param name="offset">Where in the array the layout begins.</param>
    public static SamplePanels Panels(
        ParameterLayout layout, SimdLevel level, ReadOnlySpan<float> parameters, int offset = 0) =>
        new(layout, level, parameters[offset..]);

    /// <summary>max |ours − expected| / max |expected|.</summary>
    public static double Difference(ReadOnlySpan<float> ours, ReadOnlySpan<double> expected)
    {
        double difference = 0, size = 1e-30;
        for (var i = 0; i < expected.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs(ours[i] - expected[i]));
            size = Math.Max(size, Math.Abs(expected[i]));
        }

        return difference / size;
    }
}
