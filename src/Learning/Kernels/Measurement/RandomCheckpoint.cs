using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Kernels.Measurement;

/// <summary>A base model of any shape with weights drawn as GPT-2 draws them: for measuring speed, not for
/// learning.</summary>
public static class RandomCheckpoint
{
    private const float Deviation = 0.02f;

    public static BaseCheckpoint Create(ModelShape shape, int seed)
    {
        var random = new Random(seed);
        int d = shape.Width, hidden = shape.HiddenWidth;
        float[] Draw(int count)
        {
            var values = new float[count];
            foreach (ref var value in values.AsSpan())
            {
                value = Deviation * ((2 * random.NextSingle()) - 1) * MathF.Sqrt(3);
            }

            return values;
        }

        LayerNormWeights Norm()
        {
            var scale = new float[d];
            Array.Fill(scale, 1);
            return new(scale, new float[d]);
        }

        LinearWeights Linear(int inputs, int outputs) => new(Draw(checked(inputs * outputs)), new float[outputs]);
        var blocks = new List<BaseBlock>();
        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            blocks.Add(new(Norm(), Linear(d, 3 * d), Linear(d, d), Norm(), Linear(d, hidden), Linear(hidden, d)));
        }

        return new(
            shape, Draw(checked(shape.VocabularySize * d)), Draw(shape.PositionCount * d), blocks, Norm());
    }
}
