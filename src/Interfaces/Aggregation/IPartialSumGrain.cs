using System.Collections.Immutable;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Interfaces.Aggregation;

/// <summary>The running sum of one silo's users, so that one message per silo crosses the network each round; with
/// methods whose server needs every user's own parameters, those. Lives on that silo and is not saved: with the silo it
/// is lost. Key: experiment id, '@', silo address, '@', life of the run.</summary>
[Alias("comigs.IPartialSumGrain")]
public interface IPartialSumGrain : IGrainWithStringKey
{
    /// <summary>Adds a user's shared parameters. The same user, round and attempt again is a no-op; a newer round or
    /// attempt drops what was there.</summary>
    /// <exception cref="UserFailedException">The parameters are refused and none of them counts (wrong length, NaN,
    /// infinite, too large, an update of too large a norm), or the sum of that round and attempt was read already: the
    /// user came too late.</exception>
    /// <returns>Which sum it is. What takes its place after its silo's death is another one.</returns>
    [Alias("Add")]
    Task<Guid> AddAsync(Contribution contribution);

    /// <summary>Closes the sum of this round and attempt and returns it. Asking again gives the same.</summary>
    [Alias("Read")]
    Task<PartialSum> ReadAsync(int round, int attempt);
}

/// <summary>One user's shared parameters after its local work.</summary>
/// <param name="Receipt">Travels with the parameters, so that whoever is in the mean is in the report.</param>
/// <param name="Parameters">Little-endian float32 in the order of what the user shares.</param>
/// <param name="Start">Content hash of the generalists that the round started from.</param>
[GenerateSerializer, Immutable, Alias("comigs.Contribution")]
public sealed record Contribution(
    [property: Id(0)] UserReceipt Receipt, [property: Id(1)] byte[] Parameters, [property: Id(2)] string Start);

/// <summary>An exact sum: fixed-point integers, so that order and placement cannot change it.</summary>
/// <param name="Receipts">Of the users in it, in order of id; empty when the silo holds no such round.</param>
/// <param name="Sum">Weight · parameters, little-endian int64, units of 2^-40; empty where uploads are kept.</param>
/// <param name="Probes">Weight · probe of the users' products, likewise.</param>
/// <param name="Uploads">Every user's parameters as they came, one after another in the order of the receipts; empty
/// where a sum is enough.</param>
/// <param name="Repeated">Users who handed in more than once, in order of id; the first upload counts.</param>
/// <param name="Id">Which sum it is.</param>
[GenerateSerializer, Immutable, Alias("comigs.PartialSum")]
public sealed record PartialSum(
    [property: Id(0)] ImmutableArray<UserReceipt> Receipts, [property: Id(1)] byte[] Sum,
    [property: Id(2)] byte[] Probes, [property: Id(3)] byte[] Uploads,
    [property: Id(4)] ImmutableArray<string> Repeated, [property: Id(5)] Guid Id)
{
    public long ByteCount => Sum.LongLength + Probes.LongLength + Uploads.LongLength;
}
