using System.Collections.Immutable;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Interfaces.Aggregation;

/// <summary>The running sum of one silo's users, so that one message per silo crosses the network each round. Lives on
/// that silo and is not saved: with the silo it is lost. Key: experiment id, '@', silo address.</summary>
[Alias("comigs.IPartialSumGrain")]
public interface IPartialSumGrain : IGrainWithStringKey
{
    /// <summary>Adds a user's shared parameters. The same user, round and attempt again is a no-op; a newer round or
    /// attempt drops what was there.</summary>
    /// <exception cref="UserFailedException">The parameters cannot be averaged (NaN, infinite, too large), or the sum
    /// of that round and attempt was read already: the user came too late.</exception>
    [Alias("Add")]
    Task AddAsync(Contribution contribution);

    /// <summary>Closes the sum of this round and attempt and returns it. Asking again gives the same.</summary>
    [Alias("Read")]
    Task<PartialSum> ReadAsync(int round, int attempt);
}

/// <summary>One user's shared parameters after its local work.</summary>
/// <param name="Receipt">Travels with the parameters, so that whoever is in the mean is in the report.</param>
/// <param name="Parameters">Little-endian float32 in the order of the shared prefix.</param>
[GenerateSerializer, Immutable, Alias("comigs.Contribution")]
public sealed record Contribution(
    [property: Id(0)] UserReceipt Receipt, [property: Id(1)] byte[] Parameters);

/// <summary>An exact sum: fixed-point integers, so that order and placement cannot change it.</summary>
/// <param name="Receipts">Of the users in it, in order of id.</param>
/// <param name="Sum">Little-endian int64, units of 2^-40; empty when the silo holds no such round.</param>
[GenerateSerializer, Immutable, Alias("comigs.PartialSum")]
public sealed record PartialSum(
    [property: Id(0)] ImmutableArray<UserReceipt> Receipts, [property: Id(1)] byte[] Sum);
