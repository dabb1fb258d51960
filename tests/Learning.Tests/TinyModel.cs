using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests;

/// <summary>Small random bases, and a plan that fits them and has everything in it.</summary>
internal static class TinyModel
{
    public static LocalPlan Plan { get; } = new()
    {
        StepCount = 3,
        FirstStep = 0,
        MicroBatch = 3,
        Accumulation = 2,
        SequenceLength = 9,
        ExpertRate = new(0.02, 0.002, 60),
        RouterRate = 0.02f,
        Router = RouterMode.AlternatingOnValid,
        RouterEvery = 2,
        RouterIterations = 2,
        AdamW = new AdamWSettings(),
        BalanceWeight = 0.01f,
    };

    public static BaseCheckpoint Random(ModelShape shape, int seed)
    {
        var next = seed * 1000;
        int width = shape.Width, hidden = shape.HiddenWidth;
        float[] Values(int count, float scale, float centre = 0)
        {
            var values = new float[count];
            Fill(values, next++, scale);
            return centre == 0 ? values : Array.ConvertAll(values, value => value + centre);
        }

        LayerNormWeights Norm() => new(Values(width, 0.2f, 1), Values(width, 0.1f));
        LinearWeights Linear(int inputs, int outputs) =>
            new(Values(inputs * outputs, 1 / MathF.Sqrt(inputs)), Values(outputs, 0.1f));
        return new(
            shape, Values(shape.VocabularySize * width, 0.5f), Values(shape.PositionCount * width, 0.2f),
            [.. Enumerable.Range(0, shape.LayerCount).Select(_ => new BaseBlock(
                Norm(), Linear(width, 3 * width), Linear(width, width), Norm(), Linear(width, hidden),
                Linear(hidden, width)))],
            Norm());
    }

    /// <summary>Uniform in [−scale, scale], a pure function of the seed.</summary>
    public static void Fill(Span<float> values, int seed, float scale)
    {
        var state = ((ulong)seed * 0x9E3779B97F4A7C15) + 1;
        foreach (ref var value in values)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            value = scale * (((state >> 40) / (float)(1 << 23)) - 1);
        }
    }
}
