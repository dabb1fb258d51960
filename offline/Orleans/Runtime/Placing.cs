using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Placement;

namespace Orleans.Runtime;

/// <summary>Asks the application's own director where a grain belongs, on behalf of the silo that sends the
/// call.</summary>
internal sealed class Placing(Cluster cluster, Silo local) : IPlacementContext
{
    public SiloAddress LocalSilo => local.SiloAddress;

    public SiloAddress[] GetCompatibleSilos(PlacementTarget target) => cluster.Silos is { Length: > 0 } silos
        ? [.. silos.Select(silo => silo.SiloAddress)]
        : throw new OrleansException($"No active nodes are compatible with grain {target.GrainIdentity.Type}.");

    /// <exception cref="SiloUnavailableException">The chosen silo is gone.</exception>
    public async Task<Silo> ChooseAsync(PlacementStrategy strategy, GrainId id)
    {
        var director = local.Services.GetRequiredKeyedService<IPlacementDirector>(strategy.GetType());
        var chosen = await director.OnAddActivation(strategy, new(id), this);
        return cluster.Silos.FirstOrDefault(silo => silo.SiloAddress == chosen)
            ?? throw new SiloUnavailableException($"Silo {chosen}, chosen for grain {id}, is not active.");
    }
}
