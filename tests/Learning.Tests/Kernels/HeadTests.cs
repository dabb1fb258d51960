using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Tests.Kernels;

public sealed unsafe class HeadTests
{
    public static TheoryData<SimdLevel, int, int, int, double> Cases()
    {
        var data = new TheoryData<SimdLevel, int, int, int, double>();
        foreach (var level in Enum.GetValues<SimdLevel>().Where(level => level <= SimdLevels.Best))
        {
            data.Add(level, 1, 1, 1, 1);
            data.Add(level, 7, 15, 31, 1);
            data.Add(level, 9, 33, 1000, 1);
            data.Add(level, 20, 16, 513, 30); // logits in the hundreds: the online softmax must rescale
        }

        return data;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Head_SeveralBlocksOfVocabulary_MatchesDoublePrecision(
        SimdLevel level, int tokens, int width, int vocabulary, double size)
    {
        var shape = new ModelShape(1, 1, width, vocabulary, tokens);
        var checkpoint = Samples.Checkpoint(shape, 3);
        using var model = PackedModel.Pack(checkpoint, level);
        using var work = new Workspace(shape, new WorkspaceSize(tokens, 1, 1));
        using var sheets = new Sheets();
        var values = Samples.Floats(1, tokens * width, size);
        var targets = Samples.Tokens(2, tokens, vocabulary);
        var slope = sheets.New(tokens, width);
        var logits = new float[tokens * vocabulary];
        double loss;
        fixed (float* l = logits)
        {
            loss = Primitives.At(level).Head(model, sheets.Of(tokens, width, values), targets, 0.25f, slope, l, work);
        }

        var (expected, expectedLogits, gradient) = Reference(checkpoint, [.. values], targets, 0.25);
        Assert.Equal(expected, loss, 2e-6 * Math.Max(1, expected));
        Assert.InRange(Samples.Difference(logits, expectedLogits), 0, 2e-6);
        Assert.InRange(Samples.Difference(Sheets.Values(slope, tokens, width), gradient), 0, 2e-5);
        FiniteDifferences.Check(x => 0.25 * Reference(checkpoint, x, targets, 0.25).Loss, [.. values], gradient);
    }

    private static (double Loss, double[] Logits, double[] Gradient) Reference(
        BaseCheckpoint model, double[] x, int[] targets, double scale)
    {
        int width = model.Shape.Width, vocabulary = model.Shape.VocabularySize;
        double[] logits = new double[targets.Length * vocabulary], gradient = new double[x.Length];
        double loss = 0;
        for (var t = 0; t < targets.Length; t++)
        {
            var row = Enumerable.Range(0, vocabulary).Select(v => Enumerable.Range(0, width)
                .Sum(c => x[(t * width) + c] * model.TokenEmbedding[(v * width) + c])).ToArray();
            row.CopyTo(logits, t * vocabulary);
            var top = row.Max();
            var sum = row.Sum(z => Math.Exp(z - top));
            loss += top + Math.Log(sum) - row[targets[t]];
            for (var v = 0; v < vocabulary; v++)
            {
                var share = scale * ((Math.Exp(row[v] - top) / sum) - (v == targets[t] ? 1 : 0));
                for (var c = 0; c < width; c++)
                {
                    gradient[(t * width) + c] += share * model.TokenEmbedding[(v * width) + c];
                }
            }
        }

        return (loss, logits, gradient);
    }
}
