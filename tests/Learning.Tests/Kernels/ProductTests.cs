using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Tests.Kernels;

public sealed unsafe class ProductTests
{
    private static readonly (int Rows, int Depth, int Columns, int Rank)[] Sizes =
    [
        (1, 1, 1, 1), (7, 5, 3, 2), (8, 16, 32, 8), (9, 33, 17, 3), (128, 64, 96, 8), (13, 100, 65, 1), (4, 3, 48, 5),
        (30, 2, 31, 20),
    ];

    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void Run_EverythingThatRidesAlong_MatchesDoublePrecision(SimdLevel level)
    {
        var kernels = Primitives.At(level);
        foreach (var (rows, depth, columns, rank) in Sizes)
        {
            using var sheets = new Sheets();
            float[] a = Samples.Floats(1, (rows + 2) * depth), b = Samples.Floats(2, depth * columns);
            float[] u = Samples.Floats(3, rows * rank), v = Samples.Floats(4, rank * columns);
            float[] bias = Samples.Floats(5, columns), scale = Samples.Floats(6, rows);
            float[] c = Samples.Floats(7, (rows + 1) * columns);
            int[] from = [.. Enumerable.Range(0, rows).Select(i => (i * 7) % (rows + 2))];
            int[] to = [.. Enumerable.Range(0, rows).Select(i => rows - i)];
            var result = sheets.Of(rows + 1, columns, c);
            var packed = sheets.New(1, depth * (columns + kernels.PanelWidth));
            var ub = sheets.Of(rank, columns, v);
            fixed (float* source = b, factors = scale)
            fixed (int* reads = from, writes = to)
            {
                Packing.Pack(source, columns, depth, columns, kernels.PanelWidth, packed.Data);
                var panels = new Panels(packed.Data, kernels.PanelWidth, depth * kernels.PanelWidth);
                var product = new Product(sheets.Of(rows + 2, depth, a), depth, panels, result)
                {
                    AIndex = reads,
                    Bias = sheets.Of(1, columns + 32, [.. bias, .. new float[32]]).Data,
                    BiasScale = factors,
                    CIndex = writes,
                };
                product.AddLowRank(sheets.Of(rows, rank, u), rank, new Panels(ub.Data, ub.Stride, kernels.PanelWidth));
                product.Add(result, writes);
                kernels.Multiply(product, rows, columns);
            }

            double[] expected = [.. c];
            for (var i = 0; i < rows * columns; i++)
            {
                int row = i / columns, column = i % columns;
                double sum = scale[row] * (double)bias[column];
                sum += Enumerable.Range(0, depth)
                    .Sum(k => (double)a[(from[row] * depth) + k] * b[(k * columns) + column]);
                sum += Enumerable.Range(0, rank).Sum(k => (double)u[(row * rank) + k] * v[(k * columns) + column]);
                expected[(to[row] * columns) + column] += sum;
            }

            Assert.InRange(Samples.Difference(Sheets.Values(result, rows + 1, columns), expected), 0, 2e-6);
        }
    }

    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void Run_TransposedLeft_MatchesDoublePrecision(SimdLevel level)
    {
        var kernels = Primitives.At(level);
        foreach (var (depth, rows, columns, _) in Sizes)
        {
            using var sheets = new Sheets();
            float[] a = Samples.Floats(1, depth * rows), b = Samples.Floats(2, depth * columns);
            Matrix right = sheets.Of(depth, columns, b), result = sheets.New(rows, columns);
            var panels = new Panels(right.Data, right.Stride, kernels.PanelWidth);
            kernels.Multiply(Product.TransposedLeft(sheets.Of(depth, rows, a), depth, panels, result), rows, columns);
            double[] expected = [.. Enumerable.Range(0, rows * columns).Select(i => Enumerable.Range(0, depth)
                .Sum(k => (double)a[(k * rows) + (i / columns)] * b[(k * columns) + (i % columns)]))];
            Assert.InRange(Samples.Difference(Sheets.Values(result, rows, columns), expected), 0, 2e-6);
        }
    }

    // Two rows of B in one, both ways of laying it out, with and without something to add to.
    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void Run_PairedRows_MatchesDoublePrecision(SimdLevel level)
    {
        var (kernels, lanes) = (Primitives.At(level), level.Width());
        foreach (var (rows, depth, columns) in new[] { (1, 1, 1), (7, 5, 2), (30, 32, lanes / 2), (16, 33, lanes / 2) })
        {
            using var sheets = new Sheets();
            float[] a = Samples.Floats(1, rows * depth), b = Samples.Floats(2, depth * columns);
            float[] turned = [.. Enumerable.Range(0, b.Length).Select(i => b[(i % depth * columns) + (i / depth)])];
            float[] before = Samples.Floats(3, rows * columns);
            Matrix left = sheets.Of(rows, depth, a), first = sheets.New(rows, columns);
            var second = sheets.Of(rows, columns, before);
            float* pairs = sheets.New(depth, lanes).Data, others = sheets.New(depth, lanes).Data;
            fixed (float* source = b, transposed = turned)
            {
                Packing.PackPairs(source, columns, 1, depth, columns, 3, lanes, pairs);
                Packing.PackPairs(transposed, 1, depth, depth, columns, 3, lanes, others);
            }

            kernels.Multiply(new Product(left, depth, new(pairs, lanes, 0, isPaired: true), first), rows, columns);
            var product = new Product(left, depth, new(others, lanes, 0, isPaired: true), second);
            product.Add(second);
            kernels.Multiply(product, rows, columns);

            double[] expected = [.. Enumerable.Range(0, rows * columns).Select(i => 3 * Enumerable.Range(0, depth)
                .Sum(k => (double)a[(i / columns * depth) + k] * b[(k * columns) + (i % columns)]))];
            Assert.InRange(Samples.Difference(Sheets.Values(first, rows, columns), expected), 0, 2e-6);
            double[] sums = [.. expected.Zip(before, (x, y) => x + y)];
            Assert.InRange(Samples.Difference(Sheets.Values(second, rows, columns), sums), 0, 2e-6);
        }
    }

    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void PackTransposed_OddSizes_EqualsPackOfTheTranspose(SimdLevel level)
    {
        const int Rows = 19, Columns = 45;
        var width = Primitives.At(level).PanelWidth;
        var length = (int)Packing.PackedLength(Rows, Columns, width);
        var source = Samples.Floats(1, Rows * Columns);
        float[] transposed =
            [.. Enumerable.Range(0, Rows * Columns).Select(i => source[((i % Rows) * Columns) + (i / Rows)])];
        float[] ours = new float[length], expected = new float[length];
        ours.AsSpan().Fill(9);
        fixed (float* from = source, turned = transposed, to = ours, wanted = expected)
        {
            Packing.PackTransposed(turned, Rows, Rows, Columns, 1, width, to);
            Packing.Pack(from, Columns, Rows, Columns, width, wanted);
        }

        Assert.Equal(expected, ours);
    }
}
