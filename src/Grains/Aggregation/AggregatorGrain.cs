using System.Collections.Immutable;
using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Grains.Aggregation;

/// <summary>The server of Algorithm 1: what the method's rule makes of what users share, by content hash. Bytes are
/// stored before anybody hears of them; which of them stay, the run's manifests say.</summary>
public sealed class AggregatorGrain(
    IBlobStore blobs, RunCatalog runs, ILocalSiloDetails here) : Grain, IAggregatorGrain
{
    /// <summary>Of what is sent in one message, which the runtime limits to 100 MB.</summary>
    private const long UploadLimit = 90_000_000;

    private (AggregationOrder Order, Aggregate Answer)? last;
    private long bytesAcrossSilos;

    private string Experiment => this.GetPrimaryKeyString();

    public async Task<string?> InitialiseAsync()
    {
        var run = await runs.GetAsync(Experiment, CancellationToken.None);
        if (run.Server.Length == 0)
        {
            return null;
        }

        RequireRoom(run);
        return await SaveAsync(run.InitialServer());
    }

    public async Task<Aggregate> AggregateAsync(AggregationOrder order, CancellationToken stop)
    {
        var ordered = order.Groups.SelectMany(group => group.Users);
        if (last is var (answered, answer) && IsSame(answered, order)
            && ordered.All(user => answer.Receipts.Any(receipt => receipt.User == user)))
        {
            return answer;
        }

        var run = await runs.GetAsync(Experiment, stop);
        var parts = await Task.WhenAll(
            order.Groups.Select(group => group.Silo).Distinct().Select(silo => ReadPartAsync(silo, order, stop)));
        var sums = parts.Select(part => part.Id).ToHashSet();
        var receipts = new SortedDictionary<string, UserReceipt>(StringComparer.Ordinal);
        if (parts.Any(part => part.Receipts.Any(receipt => !receipts.TryAdd(receipt.User, receipt))))
        {
            throw new InvalidOperationException(
                $"Two silos hold parameters of the same user for round {order.Round + 1}, attempt "
                + $"{order.Attempt + 1}.");
        }

        var absent = order.Groups.ToLookup(
            group => sums.Contains(group.Sum), group => group.Users.Where(user => !receipts.ContainsKey(user)));
        ImmutableArray<string> dropped = Ordered(absent[true]), lost = Ordered(absent[false]);
        if (receipts.Count == 0)
        {
            return new("", [], dropped, 0, null, [], lost);
        }

        stop.ThrowIfCancellationRequested();
        var averages = await Task.Run(
            () => Averages.Of(run, [.. parts.Where(part => part.Receipts.Length > 0)]), stop);
        var hash = await SaveAsync(averages.Values);
        answer = new(
            hash, [.. receipts.Values], dropped, bytesAcrossSilos, averages.ProductGap,
            [.. parts.SelectMany(part => part.Repeated)], lost);
        bytesAcrossSilos = 0;
        last = (order, answer);
        return answer;
    }

    public async Task<GeneralistBlob> ReadAsync(string hash, string silo)
    {
        var bytes = await blobs.RequireAsync(BlobNames.Generalists(Experiment, hash), CancellationToken.None);
        Count(silo, bytes.Length);
        return new(bytes);
    }

    /// <summary>Where every user's own parameters come together they have to fit into one message, there and back.
    /// </summary>
    private static void RequireRoom(Run run)
    {
        var trainers = run.Spec.Users.Where(user => user.Trains).ToArray();
        var cohort = CohortSampler.SizeOf(run.Spec.Round, trainers.Length);
        var together = trainers.Select(user => sizeof(float) * (long)run.SharedOf(user).Length)
            .OrderDescending().Take(cohort).Sum();
        if (run.Rule != AggregationRule.Mean && together > UploadLimit)
        {
            throw new ExperimentFailedException(
                $"Run '{run.Spec.Experiment}': method '{run.Method.Name}' with the rule {run.Rule} needs every user's "
                + $"own parameters, {together} bytes a round, but a message holds {UploadLimit}; use fewer users a "
                + "round.");
        }
    }

    private static ImmutableArray<string> Ordered(IEnumerable<IEnumerable<string>> users) =>
        [.. users.SelectMany(some => some).Order(StringComparer.Ordinal)];

    private static bool IsSame(AggregationOrder one, AggregationOrder other) =>
        (one.Life, one.Round, one.Attempt) == (other.Life, other.Round, other.Attempt);

    private async Task<PartialSum> ReadPartAsync(string silo, AggregationOrder order, CancellationToken stop)
    {
        var part = await GrainFactory.GetGrain<IPartialSumGrain>(PartialSumGrain.KeyOf(Experiment, silo, order.Life))
            .ReadAsync(order.Round, order.Attempt).WaitAsync(stop);
        Count(silo, part.ByteCount);
        return part;
    }

    private void Count(string silo, long bytes) =>
        bytesAcrossSilos += silo == here.SiloAddress.ToParsableString() ? 0 : bytes;

    /// <returns>The content hash.</returns>
    private async Task<string> SaveAsync(float[] values)
    {
        var bytes = ContentHash.ToBytes(values);
        var hash = ContentHash.Of(bytes);
        await blobs.SaveAsync(BlobNames.Generalists(Experiment, hash), bytes, CancellationToken.None);
        return hash;
    }
}
