using System.Collections.Concurrent;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Kernels;

/// <summary>The frozen base, packed once for the kernels of one SIMD level: immutable, read by any number of threads,
/// in memory once per process. Weights are there twice, as W for the way forward and as its transpose for the way
/// back.</summary>
public sealed unsafe class PackedModel : IDisposable
{
    private readonly Arena arena;
    private readonly ConcurrentBag<Workspace> idle = [];

    private PackedModel(BaseCheckpoint checkpoint, SimdLevel level)
    {
        Shape = checkpoint.Shape;
        Level = level;
        var measure = default(Arena.Cursor);
        _ = new Reader(checkpoint, this).Read(ref measure, copy: false);
        arena = new Arena(measure.Bytes);
        var cursor = arena.Open();
        (Blocks, FinalNorm) = new Reader(checkpoint, this).Read(ref cursor, copy: true);
    }

    public ModelShape Shape { get; }

    /// <summary>Native memory of the packed weights.</summary>
    public long Bytes => arena.Bytes;

    public SimdLevel Level { get; }

    /// <summary>Columns of a packed panel: two vectors.</summary>
    internal int PanelWidth => 2 * WidthOf(Level);

    internal PackedBlock[] Blocks { get; }

    internal NormWeights FinalNorm { get; }

    /// <summary>[V, d], padded rows.</summary>
    internal Matrix TokenEmbedding { get; private set; }

    /// <summary>[positions, d], padded rows.</summary>
    internal Matrix PositionEmbedding { get; private set; }

    /// <summary>The output head, d → V: the token embedding's transpose in panels.</summary>
    internal float* Head { get; private set; }

    /// <summary>Packs a checkpoint, which can be let go afterwards.</summary>
    /// <exception cref="PlatformNotSupportedException">This machine lacks the level.</exception>
    public static PackedModel Pack(BaseCheckpoint checkpoint, SimdLevel? level = null)
    {
        var chosen = level ?? SimdLevels.Best;
        if (chosen > SimdLevels.Best)
        {
            throw new PlatformNotSupportedException(
                $"SIMD level {chosen} is not available here; the best this machine has is {SimdLevels.Best}.");
        }

        return new PackedModel(checkpoint, chosen);
    }

    public void Dispose()
    {
        while (idle.TryTake(out var workspace))
        {
            workspace.Dispose();
        }

        arena.Dispose();
    }

    /// <summary>Scratch for one call of one thread: as many exist as threads ever computed at once.</summary>
    internal Workspace Rent(in WorkspaceSize size)
    {
        if (!idle.TryTake(out var workspace))
        {
            return new Workspace(Shape, size);
        }

        if (workspace.Size.Covers(size))
        {
            return workspace;
        }

        workspace.Dispose();
        return new Workspace(Shape, workspace.Size.Union(size));
    }

    internal void Return(Workspace workspace) => idle.Add(workspace);

    private static int WidthOf(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => Simd512.Width,
        SimdLevel.Vector256 => Simd256.Width,
        _ => SimdPortable.Width,
    };

    /// <summary>Lays the weights out; run once to measure and once to copy.</summary>
    private readonly struct Reader(BaseCheckpoint checkpoint, PackedModel model)
    {
        public (PackedBlock[] Blocks, NormWeights FinalNorm) Read(ref Arena.Cursor arena, bool copy)
        {
            var shape = checkpoint.Shape;
            int width = shape.Width, panel = model.PanelWidth;
            model.TokenEmbedding = Rows(ref arena, checkpoint.TokenEmbedding, shape.VocabularySize, copy);
            model.PositionEmbedding = Rows(ref arena, checkpoint.PositionEmbedding, shape.PositionCount, copy);
            model.Head = arena.Floats(Packing.PackedLength(width, shape.VocabularySize, panel));
            fixed (float* source = checkpoint.TokenEmbedding)
            {
                if (copy)
                {
                    Packing.PackTransposed(source, width, width, shape.VocabularySize, panel, model.Head);
                }
            }

            var blocks = new PackedBlock[shape.LayerCount];
            for (var layer = 0; layer < blocks.Length; layer++)
            {
                var block = checkpoint.Blocks[layer];
                blocks[layer] = new PackedBlock(
                    Norm(ref arena, block.AttentionNorm, copy), Linear(ref arena, block.AttentionInput, width, copy),
                    Linear(ref arena, block.AttentionOutput, width, copy), Norm(ref arena, block.MlpNorm, copy),
                    Linear(ref arena, block.MlpInput, width, copy),
                    Linear(ref arena, block.MlpOutput, shape.HiddenWidth, copy));
            }

            return (blocks, Norm(ref arena, checkpoint.FinalNorm, copy));
        }

        private Matrix Rows(ref Arena.Cursor arena, float[] values, int rows, bool copy)
        {
            var width = checkpoint.Shape.Width;
            var matrix = arena.Matrix(rows, width);
            for (var row = 0; copy && row < rows; row++)
            {
                values.AsSpan(row * width, width).CopyTo(new Span<float>(matrix.Row(row), width));
            }

            return matrix;
        }

        private NormWeights Norm(ref Arena.Cursor arena, LayerNormWeights norm, bool copy) =>
            new(Vector(ref arena, norm.Scale, copy), Vector(ref arena, norm.Shift, copy));

        private LinearPanels Linear(ref Arena.Cursor arena, LinearWeights linear, int inputs, bool copy)
        {
            int outputs = linear.Bias.Length, panel = model.PanelWidth;
            var forward = arena.Floats(Packing.PackedLength(inputs, outputs, panel));
            var backward = arena.Floats(Packing.PackedLength(outputs, inputs, panel));
            fixed (float* source = linear.Weight)
            {
                if (copy)
                {
                    Packing.Pack(source, outputs, inputs, outputs, panel, forward);
                    Packing.PackTransposed(source, outputs, outputs, inputs, panel, backward);
                }
            }

            return new LinearPanels(inputs, outputs, forward, backward, Vector(ref arena, linear.Bias, copy));
        }

        private float* Vector(ref Arena.Cursor arena, float[] values, bool copy)
        {
            // Kernels read whole panels of a bias.
            var vector = arena.Floats(values.Length + (2 * Matrix.Grain));
            if (copy)
            {
                values.AsSpan().CopyTo(new Span<float>(vector, values.Length));
            }

            return vector;
        }
    }
}

/// <summary>Scale and shift, padded with zeros.</summary>
internal readonly unsafe struct NormWeights(float* scale, float* shift)
{
    public float* Scale => scale;

    public float* Shift => shift;
}

/// <summary>A frozen linear map.</summary>
/// <param name="forward">W in panels: inputs × outputs.</param>
/// <param name="backward">Wᵀ in panels: outputs × inputs.</param>
internal sealed unsafe class LinearPanels(int inputs, int outputs, float* forward, float* backward, float* bias)
{
    public int Inputs => inputs;

    public int Outputs => outputs;

    public float* Forward => forward;

    public float* Backward => backward;

    public float* Bias => bias;
}

internal sealed record PackedBlock(
    NormWeights AttentionNorm, LinearPanels AttentionInput, LinearPanels AttentionOutput,
    NormWeights MlpNorm, LinearPanels MlpInput, LinearPanels MlpOutput);
