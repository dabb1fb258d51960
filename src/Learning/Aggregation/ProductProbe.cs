using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Aggregation;

/// <summary>Measures how far what the server sends is from the mean of what users have: ‖Σ w_i γ_i B_i A_i − γ B A‖_F
/// over ‖Σ w_i γ_i B_i A_i‖_F, all adapters together (FLoRA's objection to averaging A and B apart). Estimated: each
/// adapter is applied to a few random vectors z with E[z zᵀ] ∝ 1, so that E‖M z‖² ∝ ‖M‖²_F, and only short vectors have
/// to be added up. With 8 vectors an adapter the error is a few per cent.</summary>
public sealed class ProductProbe
{
    private const float Limit = FixedPointSum.MagnitudeLimit - 1;
    private static readonly int Vectors = Vector256<float>.Count;
    private static readonly ulong Purpose = Randomness.Key("product probe");

    private readonly SharedParameters shared;
    private readonly (AdapterPair Pair, Vector256<float>[] Vectors)[] probes;

    public ProductProbe(SharedParameters shared)
    {
        this.shared = shared;
        probes = [.. AdapterPair.Of(shared).Select(pair => (pair, VectorsOf(pair)))];
        Length = probes.Sum(probe => Vectors * probe.Pair.B.Parameter.Rows);
    }

    /// <summary>Floats of a probe; 0 when no adapter has both factors shared.</summary>
    public int Length { get; }

    /// <summary>γ B A z of every adapter and z.</summary>
    /// <param name="values">[shared length]</param>
    /// <returns>[Length], cut at the magnitude that can be summed.</returns>
    public float[] Of(ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, shared.Length, nameof(values));
        var results = new float[Length];
        var next = MemoryMarshal.Cast<float, Vector256<float>>(results.AsSpan());
        foreach (var (pair, vectors) in probes)
        {
            Span<Vector256<float>> down = new Vector256<float>[pair.A.Parameter.Rows];
            Multiply(values.Slice(pair.A.Start, pair.A.Parameter.Length), vectors, down);
            Multiply(values.Slice(pair.B.Start, pair.B.Parameter.Length), down, next[..pair.B.Parameter.Rows]);
            foreach (ref var result in next[..pair.B.Parameter.Rows])
            {
                result = Vector256.Clamp(
                    pair.Scale * result, Vector256.Create(-Limit), Vector256.Create(Limit));
            }

            next = next[pair.B.Parameter.Rows..];
        }

        return results;
    }

    /// <summary>The gap.</summary>
    /// <param name="ofUsers">Weighted mean of the users' probes.</param>
    /// <param name="ofServer">Probe of what the server sends.</param>
    /// <returns>At least 0; null when no product is shared, or none says anything yet.</returns>
    public static double? Gap(ReadOnlySpan<float> ofUsers, ReadOnlySpan<float> ofServer)
    {
        double difference = 0, size = 0;
        for (var i = 0; i < ofUsers.Length; i++)
        {
            difference += Math.Pow(ofUsers[i] - ofServer[i], 2);
            size += Math.Pow(ofUsers[i], 2);
        }

        return size > 0 ? Math.Sqrt(difference / size) : null;
    }

    /// <summary>±1/√d_in, a function of the adapter's name; all vectors side by side, an input a row.</summary>
    /// <returns>[d_in]</returns>
    private static Vector256<float>[] VectorsOf(AdapterPair pair)
    {
        var random = Randomness.Of(0, Purpose, Randomness.Key(pair.A.Parameter.Name));
        var size = 1 / MathF.Sqrt(pair.A.Parameter.Columns);
        var vectors = new Vector256<float>[pair.A.Parameter.Columns];
        foreach (ref var value in MemoryMarshal.Cast<Vector256<float>, float>(vectors.AsSpan()))
        {
            value = random.NextDouble() < 0.5 ? -size : size;
        }

        return vectors;
    }

    /// <summary>A matrix [results, vectors] times all vectors.</summary>
    private static void Multiply(
        ReadOnlySpan<float> matrix, ReadOnlySpan<Vector256<float>> vectors, Span<Vector256<float>> results)
    {
        for (var row = 0; row < results.Length; row++)
        {
            var sum = Vector256<float>.Zero;
            var weights = matrix.Slice(row * vectors.Length, vectors.Length);
            for (var column = 0; column < weights.Length; column++)
            {
                sum += weights[column] * vectors[column];
            }

            results[row] = sum;
        }
    }
}
