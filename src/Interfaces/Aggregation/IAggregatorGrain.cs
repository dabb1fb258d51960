using System.Collections.Immutable;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using Orleans.Concurrency;

namespace CoMiGS.Interfaces.Aggregation;

/// <summary>Averages what users of a run share and keeps them by content hash. Key: experiment id.</summary>
[Alias("comigs.IAggregatorGrain")]
public interface IAggregatorGrain : IGrainWithStringKey
{
    /// <summary>The generalists before round 0, a function of the run's seed; null when the method shares
    /// nothing.</summary>
    [Alias("Initialise")]
    Task<string?> InitialiseAsync();

    /// <summary>Takes the partial sum of every group's silo, adds them exactly, divides, stores. Idempotent by life,
    /// round and attempt. Users whose parameters are not there are named in the answer.</summary>
    [Alias("Aggregate"), ResponseTimeout("00:10:00")]
    Task<Aggregate> AggregateAsync(AggregationOrder order, CancellationToken stop);

    /// <summary>The bytes behind a hash: little-endian float32 in the order of what is shared. Silos ask once a
    /// round.</summary>
    /// <param name="silo">Address of the silo that asks.</param>
    /// <exception cref="ExperimentFailedException">They are not stored, or damaged; the message names the file.
    /// </exception>
    [Alias("Read"), AlwaysInterleave]
    Task<GeneralistBlob> ReadAsync(string hash, string silo);
}

/// <summary>Which users to average, by the silo that holds their sum.</summary>
/// <param name="Life">How often the run has come back to life: which sums are meant.</param>
[GenerateSerializer, Immutable, Alias("comigs.AggregationOrder")]
public sealed record AggregationOrder(
    [property: Id(0)] int Round, [property: Id(1)] int Attempt,
    [property: Id(2)] ImmutableArray<AggregationGroup> Groups, [property: Id(3)] int Life);

/// <summary>The users who handed in to one sum of a silo.</summary>
[GenerateSerializer, Immutable, Alias("comigs.AggregationGroup")]
public sealed record AggregationGroup(
    [property: Id(0)] string Silo, [property: Id(1)] ImmutableArray<string> Users, [property: Id(2)] Guid Sum);

/// <summary>The mean over the users of <see cref="Receipts"/>, named by its content hash.</summary>
/// <param name="Receipts">Of the users averaged, in order of id; a user whose answer came too late but whose parameters
/// did not is one.</param>
/// <param name="Dropped">Handed in to a sum that has nothing of them, in order of id: lost on the way.</param>
/// <param name="ProductGap">How far the shared adapters' products are from the mean of the users' products, relative
/// to it, at least 0; null where no product is averaged.</param>
/// <param name="BytesAcrossSilos">Parameters that went from one silo to another since the mean before this one:
/// generalists to silos, partial sums back.</param>
/// <param name="Repeated">Users who handed in more than once; the first upload counts.</param>
/// <param name="Lost">Handed in to a sum that is no more, in order of id: they may hand in again.</param>
[GenerateSerializer, Immutable, Alias("comigs.Aggregate")]
public sealed record Aggregate(
    [property: Id(0)] string Hash, [property: Id(1)] ImmutableArray<UserReceipt> Receipts,
    [property: Id(2)] ImmutableArray<string> Dropped, [property: Id(3)] long BytesAcrossSilos,
    [property: Id(4)] double? ProductGap, [property: Id(5)] ImmutableArray<string> Repeated,
    [property: Id(6)] ImmutableArray<string> Lost);

/// <summary>Shared parameters as bytes: little-endian float32.</summary>
[GenerateSerializer, Immutable, Alias("comigs.GeneralistBlob")]
public sealed record GeneralistBlob([property: Id(0)] byte[] Bytes);
