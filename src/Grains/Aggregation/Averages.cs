using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Grains.Aggregation;

/// <summary>What the server sends, out of the parts of all silos. A function of who is in them, not of where they
/// trained.</summary>
/// <param name="Values">[server's shared length]; for a stack that many per user.</param>
/// <param name="ProductGap">See <see cref="ProductProbe"/>; null where no product is averaged.</param>
internal sealed record Averages(float[] Values, double? ProductGap)
{
    /// <param name="parts">At least one user together, none in two of them.</param>
    public static Averages Of(Run run, IReadOnlyCollection<PartialSum> parts) =>
        run.Rule == AggregationRule.Mean ? OfSums(run, parts) : OfUploads(run, parts);

    private static Averages OfSums(Run run, IReadOnlyCollection<PartialSum> parts)
    {
        var (sum, probes) = (new FixedPointSum(run.Server.Length), new FixedPointSum(run.Probe.Length));
        foreach (var part in parts)
        {
            sum.Add(FixedPointSum.FromBytes(part.Sum, part.Receipts.Length));
            probes.Add(FixedPointSum.FromBytes(part.Probes, part.Receipts.Length));
        }

        var weight = parts.SelectMany(part => part.Receipts)
            .OrderBy(receipt => receipt.User, StringComparer.Ordinal)
            .Sum(receipt => run.User(receipt.User).Weight);
        var mean = sum.Mean(weight);
        return new(mean, ProductProbe.Gap(probes.Mean(weight), run.Probe.Of(mean)));
    }

    private static Averages OfUploads(Run run, IReadOnlyCollection<PartialSum> parts)
    {
        var uploads = parts.SelectMany(part => UploadsOf(run, part))
            .OrderBy(upload => upload.User, StringComparer.Ordinal).ToList();
        var values = run.Rule.Combine(uploads, run.Server, run.Spec.Aggregation.Trim);
        if (run.Rule == AggregationRule.Stack)
        {
            return new(values, null);
        }

        var mean = new double[run.Probe.Length];
        foreach (var (upload, weight) in uploads.Zip(run.Rule.Weights(uploads)))
        {
            foreach (var (index, value) in run.ProbeOf(run.User(upload.User)).Of(upload.Values).Index())
            {
                mean[index] += weight * value;
            }
        }

        return new(values, ProductProbe.Gap([.. mean.Select(value => (float)value)], run.Probe.Of(values)));
    }

    private static IEnumerable<Upload> UploadsOf(Run run, PartialSum part)
    {
        var start = 0;
        foreach (var receipt in part.Receipts)
        {
            var user = run.User(receipt.User);
            var shared = run.SharedOf(user);
            var length = sizeof(float) * shared.Length;
            yield return new(
                user.Id, user.Weight, shared, ContentHash.ToFloats(part.Uploads.AsSpan(start, length)));
            start += length;
        }
    }
}
