using CoMiGS.Grains.Users;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace CoMiGS.Grains.Placement;

/// <summary>A user lives, and trains, where <see cref="UserHomes"/> says.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class UserPlacementAttribute() : PlacementAttribute(new UserPlacement());

public sealed class UserPlacement : PlacementStrategy;

/// <summary>Asked by the runtime for every user that has no activation yet.</summary>
public sealed class UserPlacementDirector(UserHomes homes) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        homes.OfAsync(UserKey.Parse(target.GrainIdentity.Key.ToString()!), context.GetCompatibleSilos(target));
}
