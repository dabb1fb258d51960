using System.Collections.Concurrent;
using CoMiGS.Grains.Training;
using CoMiGS.Grains.Users;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace CoMiGS.Grains.Placement;

/// <summary>Where each user belongs, as this silo sees the cluster. Worked out once per run and set of silos.</summary>
public sealed class UserHomes(RunCatalog runs, ISiloMetadataCache metadata)
{
    private readonly ConcurrentDictionary<string, Spread> spreads = new();

    /// <param name="silos">Those that can host users, at least one.</param>
    public async Task<SiloAddress> OfAsync(UserKey user, SiloAddress[] silos)
    {
        var declared = silos.Order()
            .Select(silo => (silo, SiloCapacity.SlotsOf(metadata.GetSiloMetadata(silo)))).ToList();
        var known = spreads.GetValueOrDefault(user.Experiment);
        if (known is null || !known.Silos.SequenceEqual(declared))
        {
            known = new(declared, UserSpread.Of(await UsersOfAsync(user), declared));
            spreads[user.Experiment] = known;
        }

        return known.Homes.TryGetValue(user.User, out var home)
            ? home
            : UserSpread.Of([user.User], declared)[user.User];
    }

    /// <summary>A user of a run that nobody has started is placed like any other: its own call says what is
    /// wrong.</summary>
    private async Task<IReadOnlyList<string>> UsersOfAsync(UserKey user)
    {
        try
        {
            var spec = await runs.SpecAsync(user.Experiment, CancellationToken.None);
            return [.. spec.Users.Select(one => one.Id)];
        }
        catch (Interfaces.Experiments.ExperimentFailedException)
        {
            return [user.User];
        }
    }

    private sealed record Spread(
        List<(SiloAddress Silo, int Slots)> Silos, Dictionary<string, SiloAddress> Homes);
}
