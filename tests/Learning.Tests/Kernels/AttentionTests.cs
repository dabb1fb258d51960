using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Tests.Kernels;

public sealed unsafe class AttentionTests
{
    public static TheoryData<SimdLevel, int, int, int> Cases()
    {
        var data = new TheoryData<SimdLevel, int, int, int>();
        foreach (var level in Enum.GetValues<SimdLevel>().Where(level => level <= SimdLevels.Best))
        {
            (int, int, int)[] sizes = [(1, 1, 1), (7, 2, 3), (16, 1, 16), (17, 3, 5), (40, 2, 32), (33, 1, 20)];
            foreach (var (tokens, heads, width) in sizes)
            {
                data.Add(level, tokens, heads, width);
            }
        }

        return data;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Attention_BothWays_MatchesDoublePrecision(SimdLevel level, int tokens, int heads, int headWidth)
    {
        var kernels = Primitives.At(level);
        var width = heads * headWidth;
        using var sheets = new Sheets();
        using var work = new Workspace(new ModelShape(1, heads, width, 1, tokens), new WorkspaceSize(tokens, 1, 1));
        float[] values = Samples.Floats(1, tokens * 3 * width, 2), slope = Samples.Floats(2, tokens * width);
        Matrix qkv = sheets.Of(tokens, 3 * width, values), output = sheets.New(tokens, width);
        using var arena = new Arena(4L * ((2 * heads * tokens) + 64));
        var cursor = arena.Open();
        var sums = new SoftmaxSums(ref cursor, heads * tokens);
        kernels.Attend(qkv, tokens, heads, headWidth, output, sums, work);
        var result = sheets.New(tokens, 3 * width);
        kernels.AttendBack(
            qkv, tokens, heads, headWidth, sheets.Of(tokens, width, slope), sums, result, work);

        var (expected, gradient) = Reference([.. values], slope, tokens, heads, headWidth);
        Assert.InRange(Samples.Difference(Sheets.Values(output, tokens, width), expected), 0, 2e-6);
        Assert.InRange(Samples.Difference(Sheets.Values(result, tokens, 3 * width), gradient), 0, 5e-6);
        FiniteDifferences.Check(
            x => Reference(x, slope, tokens, heads, headWidth).Output.Select((y, i) => y * slope[i]).Sum(),
            [.. values], gradient);
    }

    private static (double[] Output, double[] Gradient) Reference(
        double[] qkv, float[] slope, int tokens, int heads, int headWidth)
    {
        int width = heads * headWidth;
        double[] output = new double[tokens * width], gradient = new double[qkv.Length];
        for (var head = 0; head < heads; head++)
        {
            var tape = new Tape();
            var all = new Node(tokens, 3 * width);
            qkv.CopyTo(all.Value, 0);
            Node Part(int part) => tape.Columns(all, (part * width) + (head * headWidth), headWidth);
            var scores = tape.Scale(tape.ProductTransposed(Part(0), Part(1)), 1 / Math.Sqrt(headWidth));
            var mixed = tape.Product(tape.Softmax(scores, (i, j) => j <= i), Part(2));
            for (var i = 0; i < mixed.Value.Length; i++)
            {
                var at = (i / headWidth * width) + (head * headWidth) + (i % headWidth);
                output[at] = mixed.Value[i];
                mixed.Slope[i] = slope[at];
            }

            tape.Backward();
            for (var i = 0; i < gradient.Length; i++)
            {
                gradient[i] += all.Slope[i];
            }
        }

        return (output, gradient);
    }
}
