using System.Numerics;
using System.Runtime.Intrinsics;
using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Tests.Kernels;

/// <summary>The kernels of one SIMD level behind one face, so that a test is a loop over levels.</summary>
internal abstract unsafe class Primitives
{
    public abstract int PanelWidth { get; }

    public static Primitives At(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => new Of<Simd512, Vector512<float>>(),
        SimdLevel.Vector256 => new Of<Simd256, Vector256<float>>(),
        _ => new Of<SimdPortable, Vector<float>>(),
    };

    public abstract void Multiply(in Product product, int rows, int columns);

    /// <summary>Applies f to 16 floats: exp2, gelu or gelu'.</summary>
    public abstract void Map(string function, float* source, float* target);

    public abstract void Normalise(Matrix x, int rows, int width, NormWeights norm, Matrix z, float* statistics);

    public abstract void NormaliseBack(
        Matrix x, float* statistics, int rows, int width, NormWeights norm, Matrix dz, Matrix dx);

    public abstract void Attend(
        Matrix qkv, int tokens, int heads, int headWidth, Matrix output, SoftmaxSums sums, Workspace work);

    public abstract void AttendBack(
        Matrix qkv, int tokens, int heads, int headWidth, Matrix slope, SoftmaxSums sums, Matrix result,
        Workspace work);

    public abstract double Head(
        PackedModel model, Matrix x, int[] targets, float scale, Matrix slope, float* logits, Workspace work);

    public abstract void Mix(
        Matrix pre, int rows, int columns, int* index, float* weights, Matrix hidden, Matrix mix, bool isFirst);

    public abstract void MixBack(
        Matrix dh, Matrix pre, int rows, int columns, int* index, float* weights, Matrix hidden, Matrix dbase,
        float* dots, bool isFirst);

    public abstract void Dots(Matrix dh, Matrix pre, int rows, int columns, float* dots);

    public abstract void SumDots(float* dots, int rows, float* sums);

    private sealed class Of<TSimd, TVector> : Primitives
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        public override int PanelWidth => ProductKernel<TSimd, TVector>.PanelWidth;

        public override void Multiply(in Product product, int rows, int columns) =>
            ProductKernel<TSimd, TVector>.Run(product, rows, columns);

        public override void Map(string function, float* source, float* target)
        {
            for (var i = 0; i < Matrix.Grain; i += TSimd.Width)
            {
                var x = TSimd.Load(source + i);
                var square = TSimd.Multiply(x, x);
                var gelu = VectorMath<TSimd, TVector>.Gelu(x, square, out var sigmoid, out var rest);
                TSimd.Store(target + i, function switch
                {
                    "exp2" => VectorMath<TSimd, TVector>.Exp2(x),
                    "gelu" => gelu,
                    _ => VectorMath<TSimd, TVector>.GeluDerivative(gelu, square, sigmoid, rest),
                });
            }
        }

        public override void Normalise(Matrix x, int rows, int width, NormWeights norm, Matrix z, float* statistics) =>
            LayerNormKernel<TSimd, TVector>.Forward(x, rows, width, norm, z, statistics);

        public override void NormaliseBack(
            Matrix x, float* statistics, int rows, int width, NormWeights norm, Matrix dz, Matrix dx) =>
            LayerNormKernel<TSimd, TVector>.Backward(x, statistics, rows, width, norm, dz, dx);

        public override void Attend(
            Matrix qkv, int tokens, int heads, int headWidth, Matrix output, SoftmaxSums sums, Workspace work) =>
            AttentionKernel<TSimd, TVector>.Forward(qkv, tokens, heads, headWidth, output, sums, work);

        public override void AttendBack(
            Matrix qkv, int tokens, int heads, int headWidth, Matrix slope, SoftmaxSums sums, Matrix result,
            Workspace work) =>
            AttentionKernel<TSimd, TVector>.Backward(
                qkv, tokens, heads, headWidth, slope, sums, result, work);

        public override double Head(
            PackedModel model, Matrix x, int[] targets, float scale, Matrix slope, float* logits, Workspace work) =>
            HeadKernel<TSimd, TVector>.Run(model, x, targets, scale, slope, logits, work);

        public override void Mix(
            Matrix pre, int rows, int columns, int* index, float* weights, Matrix hidden, Matrix mix, bool isFirst) =>
            ExpertMixKernel<TSimd, TVector>.Forward(pre, 0, rows, columns, index, weights, hidden, mix, isFirst);

        public override void MixBack(
            Matrix dh, Matrix pre, int rows, int columns, int* index, float* weights, Matrix hidden, Matrix dbase,
            float* dots, bool isFirst) =>
            ExpertMixKernel<TSimd, TVector>.Backward(
                dh, pre, 0, rows, columns, index, weights, hidden, dbase, dots, isFirst);

        public override void Dots(Matrix dh, Matrix pre, int rows, int columns, float* dots) =>
            ExpertMixKernel<TSimd, TVector>.Dots(dh, pre, rows, columns, dots);

        public override void SumDots(float* dots, int rows, float* sums) =>
            ExpertMixKernel<TSimd, TVector>.SumDots(dots, rows, sums);
    }
}

/// <summary>Padded native matrices for one test.</summary>
internal sealed unsafe class Sheets : IDisposable
{
    private readonly List<Arena> arenas = [];

    public Matrix New(int rows, int columns)
    {
        var stride = Matrix.StrideFor(columns);
        arenas.Add(new Arena(sizeof(float) * (long)stride * (rows + 1)));
        return new Matrix(arenas[^1].Open().Floats((long)stride * rows), stride);
    }

    public Matrix Of(int rows, int columns, ReadOnlySpan<float> values)
    {
        var matrix = New(rows, columns);
        for (var row = 0; row < rows; row++)
        {
            values.Slice(row * columns, columns).CopyTo(new Span<float>(matrix.Row(row), columns));
        }

        return matrix;
    }

    public static float[] Values(Matrix matrix, int rows, int columns)
    {
        var values = new float[rows * columns];
        for (var row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(matrix.Row(row), columns).CopyTo(values.AsSpan(row * columns, columns));
        }

        return values;
    }

    public void Dispose() => arenas.ForEach(arena => arena.Dispose());
}

/// <summary>Central differences along random directions.</summary>
internal static class FiniteDifferences
{
    public static void Check(Func<double[], double> f, double[] x, ReadOnlySpan<double> gradient, double step = 1e-5)
    {
        for (var trial = 0; trial < 3; trial++)
        {
            var direction = Samples.Floats(trial + 77, x.Length);
            double expected = 0;
            for (var i = 0; i < x.Length; i++)
            {
                expected += gradient[i] * direction[i];
            }

            var up = f([.. x.Select((value, i) => value + (step * direction[i]))]);
            var down = f([.. x.Select((value, i) => value - (step * direction[i]))]);
            Assert.Equal(expected, (up - down) / (2 * step), 1e-6 * Math.Max(1, Math.Abs(expected)));
        }
    }
}
