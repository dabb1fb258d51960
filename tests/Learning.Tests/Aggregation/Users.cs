using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace CoMiGS.Learning.Tests.Aggregation;

/// <summary>Users with random adapters of a small model.</summary>
internal static class Users
{
    public static ModelShape Model { get; } = new(2, 2, 16, 32, 8);

    public static ParameterLayout Layout(int rank, int attentionRank = 3) =>
        ParameterLayout.Of(Model, new(1, rank, attentionRank, 16, 1, false));

    public static Upload Random(
        int seed, int rank, double weight = 1, Sharing sharing = Sharing.Adapters, float scale = 0.3f)
    {
        var shared = new SharedParameters(Layout(rank), sharing);
        return new($"u{seed}", weight, shared, Values(seed, shared.Length, scale));
    }

    public static float[] Values(int seed, int length, float scale = 0.3f)
    {
        var random = Randomness.Of((ulong)seed, Randomness.Key("upload"));
        return [.. Enumerable.Range(0, length).Select(_ => (float)(scale * random.NextNormal()))];
    }

    /// <summary>γ B A of every adapter, densely.</summary>
    public static IReadOnlyList<Matrix<double>> Products(SharedParameters shared, float[] values) =>
    [
        .. from a in shared.All
           where a.Parameter.Factor == Factor.A
           let b = shared.All.Single(other => other.Parameter.Factor == Factor.B
               && (other.Parameter.Site, other.Parameter.Layer, other.Parameter.Expert)
                   == (a.Parameter.Site, a.Parameter.Layer, a.Parameter.Expert))
           select shared.Layout.Adapters.ScaleOf(a.Parameter.Site) * (Dense(b, values) * Dense(a, values)),
    ];

    /// <summary>Σ w_i M_i / Σ w_i, adapter by adapter.</summary>
    public static IReadOnlyList<Matrix<double>> MeanProducts(IReadOnlyList<Upload> uploads) =>
    [
        .. Enumerable.Range(0, Products(uploads[0].Shared, uploads[0].Values).Count).Select(adapter => uploads
            .Select(upload => upload.Weight * Products(upload.Shared, upload.Values)[adapter])
            .Aggregate((a, b) => a + b) / uploads.Sum(upload => upload.Weight)),
    ];

    private static Matrix<double> Dense(SharedParameter place, float[] values) => DenseMatrix.Build.DenseOfRowMajor(
        place.Parameter.Rows, place.Parameter.Columns,
        values.Skip(place.Start).Take(place.Parameter.Length).Select(value => (double)value));
}
