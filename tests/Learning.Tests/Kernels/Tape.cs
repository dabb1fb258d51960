namespace CoMiGS.Learning.Tests.Kernels;

/// <summary>A matrix in double precision on a tape: operations are recorded as they run and replayed
/// backward.</summary>
internal sealed class Node(int rows, int columns)
{
    public int Rows => rows;

    public int Columns => columns;

    public double[] Value { get; } = new double[rows * columns];

    public double[] Slope { get; } = new double[rows * columns];

    public double this[int row, int column] => Value[(row * columns) + column];
}

/// <summary>Reverse-mode differentiation over elementary matrix operations only, so that no formula of the kernels is
/// repeated here.</summary>
internal sealed class Tape
{
    private readonly Stack<Action> backward = new();

    public static Node Constant(int rows, int columns, ReadOnlySpan<float> values)
    {
        var node = new Node(rows, columns);
        for (var i = 0; i < node.Value.Length; i++)
        {
            node.Value[i] = values[i];
        }

        return node;
    }

    /// <summary>Fills every node's slope with d(output)/d(node), given that of the output.</summary>
    public void Backward()
    {
        while (backward.TryPop(out var step))
        {
            step();
        }
    }

    public Node Product(Node a, Node b) =>
        Sum(a.Rows, b.Columns, a.Columns, (i, j, k) => (a, (i * a.Columns) + k, b, (k * b.Columns) + j));

    public Node ProductTransposed(Node a, Node b) =>
        Sum(a.Rows, b.Rows, a.Columns, (i, j, k) => (a, (i * a.Columns) + k, b, (j * b.Columns) + k));

    public Node Add(Node a, Node b) => Zip(a, b, static (x, y) => x + y, static (_, _) => (1, 1));

    public Node Times(Node a, Node b) => Zip(a, b, static (x, y) => x * y, static (x, y) => (y, x));

    public Node Scale(Node a, double factor) => Map(a, x => factor * x, _ => factor);

    public Node Map(Node a, Func<double, double> f, Func<double, double> derivative)
    {
        var result = new Node(a.Rows, a.Columns);
        for (var i = 0; i < a.Value.Length; i++)
        {
            result.Value[i] = f(a.Value[i]);
        }

        backward.Push(() =>
        {
            for (var i = 0; i < a.Value.Length; i++)
            {
                a.Slope[i] += derivative(a.Value[i]) * result.Slope[i];
            }
        });
        return result;
    }

    /// <summary>Mean of each row, spread over it again.</summary>
    public Node RowMean(Node a)
    {
        var share = new Node(a.Columns, a.Columns);
        Array.Fill(share.Value, 1.0 / a.Columns);
        return Product(a, share);
    }

    /// <summary>A row vector repeated <paramref name="rows"/> times.</summary>
    public Node Repeat(Node row, int rows)
    {
        var ones = new Node(rows, 1);
        Array.Fill(ones.Value, 1.0);
        return Product(ones, row);
    }

    public Node Columns(Node a, int start, int count)
    {
        var pick = new Node(a.Columns, count);
        for (var i = 0; i < count; i++)
        {
            pick.Value[((start + i) * count) + i] = 1;
        }

        return Product(a, pick);
    }

    /// <summary>Rows of a scaled by column vector w.</summary>
    public Node ScaleRows(Node a, Node w)
    {
        var ones = new Node(1, a.Columns);
        Array.Fill(ones.Value, 1.0);
        return Times(a, Product(w, ones));
    }

    /// <summary>Softmax of each row over the allowed elements; the others are 0.</summary>
    public Node Softmax(Node a, Func<int, int, bool> isAllowed)
    {
        var result = new Node(a.Rows, a.Columns);
        for (var i = 0; i < a.Rows; i++)
        {
            var top = Enumerable.Range(0, a.Columns).Where(j => isAllowed(i, j)).Max(j => a[i, j]);
            var sum = Enumerable.Range(0, a.Columns).Where(j => isAllowed(i, j)).Sum(j => Math.Exp(a[i, j] - top));
            for (var j = 0; j < a.Columns; j++)
            {
                result.Value[(i * a.Columns) + j] = isAllowed(i, j) ? Math.Exp(a[i, j] - top) / sum : 0;
            }
        }

        backward.Push(() =>
        {
            for (var at = 0; at < a.Value.Length; at++)
            {
                var start = at - (at % a.Columns);
                for (var other = start; other < start + a.Columns; other++)
                {
                    var same = other == at ? 1.0 : 0.0;
                    a.Slope[at] += result.Slope[other] * result.Value[other] * (same - result.Value[at]);
                }
            }
        });
        return result;
    }

    private Node Zip(
        Node a, Node b, Func<double, double, double> f, Func<double, double, (double, double)> derivatives)
    {
        var result = new Node(a.Rows, a.Columns);
        for (var i = 0; i < a.Value.Length; i++)
        {
            result.Value[i] = f(a.Value[i], b.Value[i]);
        }

        backward.Push(() =>
        {
            for (var i = 0; i < a.Value.Length; i++)
            {
                var (da, db) = derivatives(a.Value[i], b.Value[i]);
                a.Slope[i] += da * result.Slope[i];
                b.Slope[i] += db * result.Slope[i];
            }
        });
        return result;
    }

    private Node Sum(int rows, int columns, int depth, Func<int, int, int, (Node, int, Node, int)> term)
    {
        var result = new Node(rows, columns);
        void ForEach(Action<int, Node, int, Node, int> visit)
        {
            for (var at = 0; at < result.Value.Length; at++)
            {
                for (var k = 0; k < depth; k++)
                {
                    var (a, i, b, j) = term(at / columns, at % columns, k);
                    visit(at, a, i, b, j);
                }
            }
        }

        ForEach((at, a, i, b, j) => result.Value[at] += a.Value[i] * b.Value[j]);
        backward.Push(() => ForEach((at, a, i, b, j) =>
        {
            a.Slope[i] += result.Slope[at] * b.Value[j];
            b.Slope[j] += result.Slope[at] * a.Value[i];
        }));
        return result;
    }
}
