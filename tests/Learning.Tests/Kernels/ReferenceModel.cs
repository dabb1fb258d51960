using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Tests.Kernels;

/// <summary>The whole model in double precision, written as the page of formulas reads: every expert runs the whole
/// MLP on every token. Slow, plain, and without any of the kernels' algebra.</summary>
internal sealed class ReferenceModel(BaseCheckpoint model, ParameterLayout layout)
{
    private readonly ModelShape shape = model.Shape;
    private readonly AdapterShape adapters = layout.Adapters;

    /// <summary>Objective = lossScale·Σ cross-entropy + Σ slopes[l, e]·p[l, token, e].</summary>
    public sealed record Result(
        double LossSum, double Objective, double[] Gradient, double[] Logits, double[][] Weights);

    public Result Run(
        ReadOnlySpan<float> parameters, int[] tokens, int[] targets, double lossScale, float[] slopes,
        double[]? nudge = null)
    {
        var tape = new Tape();
        var own = new Dictionary<Parameter, Node>();
        foreach (var parameter in layout.Parameters)
        {
            var node = Tape.Constant(
                parameter.Rows, parameter.Columns, parameters.Slice(parameter.Offset, parameter.Length));
            for (var i = 0; nudge is not null && i < parameter.Length; i++)
            {
                node.Value[i] += nudge[parameter.Offset + i];
            }

            own.Add(parameter, node);
        }

        var x = new Node(tokens.Length, shape.Width);
        for (var i = 0; i < x.Value.Length; i++)
        {
            var (t, c) = (i / shape.Width, i % shape.Width);
            x.Value[i] = (double)model.TokenEmbedding[(tokens[t] * shape.Width) + c]
                + model.PositionEmbedding[(t * shape.Width) + c];
        }

        double balance = 0;
        var weights = new double[shape.LayerCount][];
        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            x = tape.Add(x, Attention(tape, own, layer, Norm(tape, x, model.Blocks[layer].AttentionNorm)));
            var z = Norm(tape, x, model.Blocks[layer].MlpNorm);
            x = tape.Add(x, Mlp(tape, own, layer, z, slopes, ref balance, weights));
        }

        var head = Tape.Constant(shape.VocabularySize, shape.Width, model.TokenEmbedding);
        var logits = tape.ProductTransposed(Norm(tape, x, model.FinalNorm), head);
        var loss = CrossEntropy(logits, targets, lossScale);
        tape.Backward();
        var gradient = new double[layout.Length];
        foreach (var (parameter, node) in own)
        {
            node.Slope.CopyTo(gradient, parameter.Offset);
        }

        return new(loss, (lossScale * loss) + balance, gradient, logits.Value, weights);
    }

    private static double CrossEntropy(Node logits, int[] targets, double lossScale)
    {
        double loss = 0;
        for (var t = 0; t < logits.Rows; t++)
        {
            var row = Enumerable.Range(0, logits.Columns).Select(j => logits[t, j]).ToArray();
            var top = row.Max();
            var sum = row.Sum(z => Math.Exp(z - top));
            loss += top + Math.Log(sum) - row[targets[t]];
            for (var j = 0; j < row.Length; j++)
            {
                logits.Slope[(t * row.Length) + j] =
                    lossScale * ((Math.Exp(row[j] - top) / sum) - (j == targets[t] ? 1 : 0));
            }
        }

        return loss;
    }

    private static Node Norm(Tape tape, Node x, LayerNormWeights norm)
    {
        var apart = tape.Add(x, tape.Scale(tape.RowMean(x), -1));
        var variance = tape.RowMean(tape.Times(apart, apart));
        var scale = tape.Map(
            variance, v => Math.Pow(v + ModelShape.LayerNormEpsilon, -0.5),
            v => -0.5 * Math.Pow(v + ModelShape.LayerNormEpsilon, -1.5));
        var width = x.Columns;
        var scaled = tape.Times(
            tape.Times(apart, scale), tape.Repeat(Tape.Constant(1, width, norm.Scale), x.Rows));
        return tape.Add(scaled, tape.Repeat(Tape.Constant(1, width, norm.Shift), x.Rows));
    }

    private Node Linear(
        Tape tape, Dictionary<Parameter, Node> own, Node x, LinearWeights linear, AdapterSite site, int layer,
        int expert)
    {
        var outputs = linear.Bias.Length;
        var a = layout[site, Factor.A, layer, expert];
        var down = tape.ProductTransposed(x, own[a]);
        var up = tape.ProductTransposed(down, own[layout[site, Factor.B, layer, expert]]);
        var y = tape.Product(x, Tape.Constant(x.Columns, outputs, linear.Weight));
        y = tape.Add(y, tape.Repeat(Tape.Constant(1, outputs, linear.Bias), x.Rows));
        return tape.Add(y, tape.Scale(up, adapters.Alpha / Math.Sqrt(a.Rows)));
    }

    private Node Attention(Tape tape, Dictionary<Parameter, Node> own, int layer, Node z)
    {
        var block = model.Blocks[layer];
        int width = shape.Width, head = shape.HeadWidth;
        var all = Linear(tape, own, z, block.AttentionInput, AdapterSite.AttentionInput, layer, 0);
        Node? joined = null;
        for (var h = 0; h < shape.HeadCount; h++)
        {
            var query = tape.Columns(all, h * head, head);
            var key = tape.Columns(all, width + (h * head), head);
            var value = tape.Columns(all, (2 * width) + (h * head), head);
            var scores = tape.Scale(tape.ProductTransposed(query, key), 1 / Math.Sqrt(head));
            var mixed = tape.Product(tape.Softmax(scores, (i, j) => j <= i), value);
            var place = new Node(head, width);
            for (var i = 0; i < head; i++)
            {
                place.Value[(i * width) + (h * head) + i] = 1;
            }

            var placed = tape.Product(mixed, place);
            joined = joined is null ? placed : tape.Add(joined, placed);
        }

        return Linear(tape, own, joined!, block.AttentionOutput, AdapterSite.AttentionOutput, layer, 0);
    }

    private Node Mlp(
        Tape tape, Dictionary<Parameter, Node> own, int layer, Node z, float[] slopes, ref double balance,
        double[][] weights)
    {
        var block = model.Blocks[layer];
        var n = adapters.ExpertCount;
        var gate = new Node(z.Rows, n);
        Array.Fill(gate.Value, 1.0 / n);
        if (adapters.Routes)
        {
            var logits = tape.ProductTransposed(z, own[layout[AdapterSite.Router, Factor.Weight, layer]]);
            var probabilities = tape.Softmax(logits, (_, _) => true);
            for (var i = 0; i < probabilities.Value.Length && slopes.Length > 0; i++)
            {
                probabilities.Slope[i] = slopes[(layer * n) + (i % n)];
                balance += probabilities.Slope[i] * probabilities.Value[i];
            }

            var top = Enumerable.Range(0, z.Rows).Select(t => Enumerable.Range(0, n)
                .OrderByDescending(e => logits[t, e]).ThenBy(e => e).Take(adapters.RoutedCount).ToHashSet()).ToArray();
            var mask = new Node(z.Rows, n);
            for (var i = 0; i < mask.Value.Length; i++)
            {
                mask.Value[i] = top[i / n].Contains(i % n) ? 1 : 0;
            }

            gate = adapters.RoutedCount == 1
                ? tape.Times(probabilities, mask)
                : tape.Softmax(logits, (t, e) => top[t].Contains(e));
        }

        weights[layer] = gate.Value;
        Node? sum = null;
        for (var expert = 0; expert < n; expert++)
        {
            var pre = Linear(tape, own, z, block.MlpInput, AdapterSite.MlpInput, layer, expert);
            var hidden = tape.Map(pre, Gelu, GeluSlope);
            var y = Linear(tape, own, hidden, block.MlpOutput, AdapterSite.MlpOutput, layer, expert);
            y = tape.ScaleRows(y, tape.Columns(gate, expert, 1));
            sum = sum is null ? y : tape.Add(sum, y);
        }

        return sum!;
    }

    public static double Gelu(double x) =>
        0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    public static double GeluSlope(double x)
    {
        var tanh = Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)));
        return (0.5 * (1 + tanh))
            + (0.5 * x * (1 - (tanh * tanh)) * Math.Sqrt(2 / Math.PI) * (1 + (3 * 0.044715 * x * x)));
    }
}
