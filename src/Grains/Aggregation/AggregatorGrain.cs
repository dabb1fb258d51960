using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Grains.Aggregation;

/// <summary>The server of Algorithm 1: what the method's rule makes of what users share, by content hash. Bytes are
/// stored before the state that names them.</summary>
public sealed class AggregatorGrain(
    [PersistentState("aggregator", StorageNames.Files)] IPersistentState<AggregatorState> state,
    IBlobStore blobs, RunCatalog runs, ILocalSiloDetails here) : Grain, IAggregatorGrain
{
    /// <summary>Of what is sent in one message, which the runtime limits to 100 MB.</summary>
    private const long UploadLimit = 90_000_000;

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
        await SaveAsync(run.InitialServer(), start: null, (before, _) => before);
        return state.State.Kept[^1];
    }

    public async Task<Aggregate> AggregateAsync(AggregationOrder order, CancellationToken stop)
    {
        var ordered = order.Groups.SelectMany(group => group.Users).Order(StringComparer.Ordinal).ToList();
        if (state.State is { Answer: { } answer } last && (last.Round, last.Attempt) == (order.Round, order.Attempt)
            && ordered.All(user => answer.Receipts.Any(receipt => receipt.User == user)))
        {
            return answer;
        }

        var run = await runs.GetAsync(Experiment, stop);
        var parts = await Task.WhenAll(order.Groups.Select(group => ReadPartAsync(group.Silo, order, stop)));
        var receipts = new SortedDictionary<string, UserReceipt>(StringComparer.Ordinal);
        if (parts.Any(part => part.Receipts.Any(receipt => !receipts.TryAdd(receipt.User, receipt))))
        {
            throw new InvalidOperationException(
                $"Two silos hold parameters of the same user for round {order.Round}, attempt {order.Attempt}.");
        }

        var dropped = ordered.Where(user => !receipts.ContainsKey(user));
        if (receipts.Count == 0)
        {
            return new("", [], [.. dropped], 0, null);
        }

        stop.ThrowIfCancellationRequested();
        var averages = await Task.Run(
            () => Averages.Of(run, [.. parts.Where(part => part.Receipts.Length > 0)]), stop);
        await SaveAsync(averages.Values, order.Start, (before, hash) => before with
        {
            Round = order.Round,
            Attempt = order.Attempt,
            Answer = new(hash, [.. receipts.Values], [.. dropped], bytesAcrossSilos, averages.ProductGap),
        });
        bytesAcrossSilos -= state.State.Answer!.BytesAcrossSilos;   // more may have been read meanwhile
        return state.State.Answer!;
    }

    public async Task<GeneralistBlob> ReadAsync(string hash, string silo)
    {
        var bytes = await blobs.ReadAsync(BlobNames.Generalists(Experiment, hash), CancellationToken.None)
            ?? throw new KeyNotFoundException($"Run '{Experiment}' keeps no generalists {hash}.");
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

    private async Task<PartialSum> ReadPartAsync(string silo, AggregationOrder order, CancellationToken stop)
    {
        var part = await GrainFactory.GetGrain<IPartialSumGrain>(PartialSumGrain.KeyOf(Experiment, silo))
            .ReadAsync(order.Round, order.Attempt).WaitAsync(stop);
        Count(silo, part.ByteCount);
        return part;
    }

    private void Count(string silo, long bytes) =>
        bytesAcrossSilos += silo == here.SiloAddress.ToParsableString() ? 0 : bytes;

    /// <summary>Stores the bytes, then the state that names them, and only then forgets what no state names.</summary>
    private async Task SaveAsync(float[] mean, string? start, Func<AggregatorState, string, AggregatorState> next)
    {
        var bytes = ContentHash.ToBytes(mean);
        var hash = ContentHash.Of(bytes);
        await blobs.WriteAsync(BlobNames.Generalists(Experiment, hash), bytes, CancellationToken.None);
        var before = state.State.Kept;
        string[] kept = start is null || start == hash ? [hash] : [start, hash];
        await this.SaveAsync(state, next(state.State, hash) with { Kept = kept });
        foreach (var old in before.Except(kept))
        {
            await blobs.DeleteAsync(BlobNames.Generalists(Experiment, old));
        }
    }
}
