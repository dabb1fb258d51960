using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Tests.Kernels;

public sealed unsafe class GateTests
{
    [Theory, InlineData(2, 1), InlineData(2, 2), InlineData(5, 2), InlineData(8, 1), InlineData(8, 3), InlineData(8, 8)]
    public void Gate_BothWays_MatchesDoublePrecision(int experts, int selected)
    {
        const int Tokens = 11;
        using var sheets = new Sheets();
        using var arena = new Arena(1 << 16);
        var cursor = arena.Open();
        var routed = new RoutedTokens(ref cursor, Tokens, experts, selected) { TokenCount = Tokens };
        float[] values = Samples.Floats(1, Tokens * experts, 2), slopes = Samples.Floats(2, Tokens * experts);
        var balance = Samples.Floats(3, experts);
        Gate.Route(sheets.Of(Tokens, experts, values), selected, routed);
        var result = sheets.New(Tokens, experts);
        fixed (float* weightSlopes = slopes)
        {
            Gate.Backward(routed, selected, weightSlopes, balance, result);
        }

        var (weights, gradient) = Reference([.. values], slopes, balance, experts, selected);
        Assert.InRange(Samples.Difference(new(routed.Weights, Tokens * experts), weights), 0, 5e-7);
        Assert.InRange(Samples.Difference(Sheets.Values(result, Tokens, experts), gradient), 0, 2e-6);
        FiniteDifferences.Check(
            x => Objective(x, slopes, balance, experts, selected), [.. values], gradient, 1e-6);
        Assert.Equal(Tokens * selected, Enumerable.Range(0, experts).Sum(routed.Count));
    }

    [Fact]
    public void Route_EqualLogits_TakesTheLowestIndices()
    {
        using var sheets = new Sheets();
        using var arena = new Arena(1 << 12);
        var cursor = arena.Open();
        var routed = new RoutedTokens(ref cursor, 2, 4, 2) { TokenCount = 2 };
        Gate.Route(sheets.Of(2, 4, [1, 1, 1, 1, 0, 3, 2, 3]), 2, routed);
        Assert.Equal([0, 1], new ReadOnlySpan<byte>(routed.First, 2).ToArray());
        Assert.Equal([0b0011, 0b1010], new ReadOnlySpan<byte>(routed.Chosen, 2).ToArray());
        Assert.Equal([0.5f, 0.5f, 0, 0, 0, 0.5f, 0, 0.5f], new ReadOnlySpan<float>(routed.Weights, 8).ToArray());
    }

    private static double Objective(double[] logits, float[] slopes, float[] balance, int experts, int selected)
    {
        var weights = Reference(logits, slopes, balance, experts, selected).Weights;
        double sum = 0;
        for (var start = 0; start < logits.Length; start += experts)
        {
            var row = logits.AsSpan(start, experts).ToArray();
            var total = row.Sum(Math.Exp);
            for (var e = 0; e < experts; e++)
            {
                sum += (weights[start + e] * slopes[start + e]) + (Math.Exp(row[e]) / total * balance[e]);
            }
        }

        return sum;
    }

    private static (double[] Weights, double[] Gradient) Reference(
        double[] logits, float[] slopes, float[] balance, int experts, int selected)
    {
        var tape = new Tape();
        var z = new Node(logits.Length / experts, experts);
        logits.CopyTo(z.Value, 0);
        var top = Enumerable.Range(0, z.Rows).Select(t => Enumerable.Range(0, experts)
            .OrderByDescending(e => z[t, e]).ThenBy(e => e).Take(selected).ToHashSet()).ToArray();
        var p = tape.Softmax(z, (_, _) => true);
        var mask = new Node(z.Rows, experts);
        for (var i = 0; i < mask.Value.Length; i++)
        {
            mask.Value[i] = top[i / experts].Contains(i % experts) ? 1 : 0;
            p.Slope[i] = balance[i % experts];
        }

        var w = selected == 1 ? tape.Times(p, mask) : tape.Softmax(z, (t, e) => top[t].Contains(e));
        for (var i = 0; i < slopes.Length; i++)
        {
            w.Slope[i] = slopes[i];
        }

        tape.Backward();
        return (w.Value, z.Slope);
    }
}
