using System.Numerics;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Aggregation;

/// <summary>Measures how far what the server sends is from the mean of what users have: ‖Σ w_i γ_i B_i A_i − γ B A‖_F
/// over ‖Σ w_i γ_i B_i A_i‖_F, all adapters together (FLoRA's objection to averaging A and B apart). Estimated: each
/// adapter is applied to a few random vectors z with E[z zᵀ] ∝ 1, so that E‖M z‖² ∝ ‖M‖²_F, and only short vectors have
/// to be added up. With 8 vectors an adapter the error is a few per cent.</summary>
public sealed class ProductProbe
{
    private const int Vectors = 8;
    private static readonly ulong Purpose = Randomness.Key("product probe");

    private readonly SharedParameters shared;
    private readonly (AdapterPair Pair, float[][] Vectors)[] probes;

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
        const float limit = FixedPointSum.MagnitudeLimit - 1;
        var results = new float[Length];
        var next = 0;
        foreach (var (pair, vectors) in probes)
        {
            var a = values.Slice(pair.A.Start, pair.A.Parameter.Length);
            var b = values.Slice(pair.B.Start, pair.B.Parameter.Length);
            var rank = pair.A.Parameter.Rows;
            Span<float> down = new float[rank];
            foreach (var z in vectors)
            {
                for (var i = 0; i < rank; i++)
                {
                    down[i] = Dot(a.Slice(i * z.Length, z.Length), z);
                }

                for (var row = 0; row < pair.B.Parameter.Rows; row++)
                {
                    results[next++] = Math.Clamp(
                        pair.Scale * Dot(b.Slice(row * rank, rank), down), -limit, limit);
                }
            }
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

    /// <summary>z: ±1/√d_in, a function of the adapter's name and the vector's index.</summary>
    private static float[][] VectorsOf(AdapterPair pair)
    {
        var (name, inputs) = (Randomness.Key(pair.A.Parameter.Name), pair.A.Parameter.Columns);
        var size = 1 / MathF.Sqrt(inputs);
        return
        [
            .. Enumerable.Range(0, Vectors).Select(vector =>
            {
                var random = Randomness.Of(0, Purpose, name, (ulong)vector);
                return Enumerable.Range(0, inputs).Select(_ => random.NextDouble() < 0.5 ? -size : size).ToArray();
            }),
        ];
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            sums += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        }

        var sum = Vector.Sum(sums);
        for (; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
