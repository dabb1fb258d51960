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
        Blocks = new PackedBlock[Shape.LayerCount];
        var measure = default(Arena.Cursor);
        new Reader(checkpoint, this).Read(ref measure, copy: false);
        arena = new Arena(measure.Bytes);
        var cursor = arena.Open();
        new Reader(checkpoint, this).Read(ref cursor, copy: true);
    }

    public ModelShape Shape { get; }

    /// <summary>Native memory of the packed weights.</summary>
    public long Bytes => arena.Bytes;

    public SimdLevel Level { get; }

    /// <summary>Columns of a packed panel: two vectors.</summary>
    internal int PanelWidth => 2 * Level.Width();

    internal PackedBlock[] Blocks { get; }

    internal NormWeights FinalNorm { get; private set; }

    /// <summary>[positions, d], padded rows.</summary>
    internal Matrix PositionEmbedding { get; private set; }

    /// <summary>The token embedding, which is the output head, too.</summary>
    internal VocabularyPanels Head { get; private set; }

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

    /// <summary>Lays the weights out; run once to measure and once to copy. Matrices lie in the order in which a
    /// sequence reads them, forward and back: what follows a product's last panel is the next product's
    /// first.</summary>
    private readonly struct Reader(BaseCheckpoint checkpoint, PackedModel model)
    {
        public void Read(ref Arena.Cursor arena, bool copy)
        {
            ReadVectors(ref arena, copy);
            for (var layer = 0; layer < model.Blocks.Length; layer++)
            {
                foreach (var (weights, linear) in Maps(layer))
                {
                    linear.Forward = Panels(ref arena, weights, linear.Inputs, linear.Outputs, false, copy);
                }
            }

            ReadHead(ref arena, copy);
            for (var layer = model.Blocks.Length - 1; layer >= 0; layer--)
            {
                foreach (var (weights, linear) in Maps(layer).Reverse())
                {
                    linear.Backward = Panels(ref arena, weights, linear.Outputs, linear.Inputs, true, copy);
                }
            }
        }

        private void ReadVectors(ref Arena.Cursor arena, bool copy)
        {
            var (shape, width) = (checkpoint.Shape, checkpoint.Shape.Width);
            model.PositionEmbedding = arena.Matrix(shape.PositionCount, width);
            for (var row = 0; copy && row < shape.PositionCount; row++)
            {
                var to = new Span<float>(model.PositionEmbedding.Row(row), width);
                checkpoint.PositionEmbedding.AsSpan(row * width, width).CopyTo(to);
            }

            for (var layer = 0; layer < model.Blocks.Length; layer++)
            {
                var block = checkpoint.Blocks[layer];
                model.Blocks[layer] = new PackedBlock(
                    Norm(ref arena, block.AttentionNorm, copy), Map(ref arena, block.AttentionInput, width, copy),
                    Map(ref arena, block.AttentionOutput, width, copy), Norm(ref arena, block.MlpNorm, copy),
                    Map(ref arena, block.MlpInput, width, copy),
                    Map(ref arena, block.MlpOutput, shape.HiddenWidth, copy));
            }

            model.FinalNorm = Norm(ref arena, checkpoint.FinalNorm, copy);
        }

        private void ReadHead(ref Arena.Cursor arena, bool copy)
        {
            int size = model.Shape.VocabularySize, width = model.Shape.Width;
            var floats = arena.Floats(VocabularyPanels.Length(size, width, model.PanelWidth));
            model.Head = new(floats, size, width, model.PanelWidth);
            fixed (float* source = checkpoint.TokenEmbedding)
            {
                if (copy)
                {
                    model.Head.Fill(source);
                }
            }
        }

        /// <summary>A block's maps in forward order.</summary>
        private (float[] Weights, LinearPanels Linear)[] Maps(int layer)
        {
            var (from, to) = (checkpoint.Blocks[layer], model.Blocks[layer]);
            return
            [
                (from.AttentionInput.Weight, to.AttentionInput), (from.AttentionOutput.Weight, to.AttentionOutput),
                (from.MlpInput.Weight, to.MlpInput), (from.MlpOutput.Weight, to.MlpOutput),
            ];
        }

        private float* Panels(
            ref Arena.Cursor arena, float[] weights, int rows, int columns, bool isTransposed, bool copy)
        {
            var panels = arena.Floats(Packing.PackedLength(rows, columns, model.PanelWidth));
            fixed (float* source = weights)
            {
                if (copy && isTransposed)
                {
                    Packing.PackTransposed(source, rows, rows, columns, 1, model.PanelWidth, panels);
                }
                else if (copy)
                {
                    Packing.Pack(source, columns, rows, columns, model.PanelWidth, panels);
                }
            }

            return panels;
        }

        private NormWeights Norm(ref Arena.Cursor arena, LayerNormWeights norm, bool copy) =>
            new(Vector(ref arena, norm.Scale, copy), Vector(ref arena, norm.Shift, copy));

        private LinearPanels Map(ref Arena.Cursor arena, LinearWeights linear, int inputs, bool copy) =>
            new(inputs, linear.Bias.Length, Vector(ref arena, linear.Bias, copy));

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
internal sealed unsafe class LinearPanels(int inputs, int outputs, float* bias)
{
    public int Inputs => inputs;

    public int Outputs => outputs;

    public float* Bias => bias;

    /// <summary>W in panels: inputs × outputs.</summary>
    public float* Forward { get; set; }

    /// <summary>Wᵀ in panels: outputs × inputs.</summary>
    public float* Backward { get; set; }
}

internal sealed record PackedBlock(
    NormWeights AttentionNorm, LinearPanels AttentionInput, LinearPanels AttentionOutput,
    NormWeights MlpNorm, LinearPanels MlpInput, LinearPanels MlpOutput);
