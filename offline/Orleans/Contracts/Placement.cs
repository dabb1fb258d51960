using Orleans.Runtime;

namespace Orleans.Placement
{
    /// <summary>Which silo gets a new activation of this class.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public abstract class PlacementAttribute(PlacementStrategy placement) : Attribute
    {
        public PlacementStrategy PlacementStrategy { get; } = placement;
    }

    /// <summary>Any silo. Also what a class without an attribute gets.</summary>
    public sealed class RandomPlacementAttribute() : PlacementAttribute(new RandomPlacement());

    /// <summary>The silo chosen by a hash of the grain's id.</summary>
    public sealed class HashBasedPlacementAttribute() : PlacementAttribute(new HashBasedPlacement());

    /// <summary>The caller's silo; any silo when the caller is a client.</summary>
    public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());

    /// <summary>The silo with the fewest activations.</summary>
    public sealed class ActivationCountBasedPlacementAttribute()
        : PlacementAttribute(new ActivationCountBasedPlacement());
}

namespace Orleans.Runtime
{
    /// <summary>Names a way to place. One of the application's own has a director, see
    /// <see cref="Placement.IPlacementDirector"/>.</summary>
    public abstract class PlacementStrategy;

    public sealed class RandomPlacement : PlacementStrategy;

    public sealed class HashBasedPlacement : PlacementStrategy;

    public sealed class PreferLocalPlacement : PlacementStrategy;

    public sealed class ActivationCountBasedPlacement : PlacementStrategy;

    internal sealed class StatelessWorkerPlacement(int limit) : PlacementStrategy
    {
        public int MaxLocalWorkers => limit > 0 ? limit : Environment.ProcessorCount;
    }
}

namespace Orleans.Runtime.Placement
{
    /// <summary>Chooses the silo of a new activation. Runs on the silo that sends the call, beside all turns.</summary>
    public interface IPlacementDirector
    {
        Task<SiloAddress> OnAddActivation(
            PlacementStrategy strategy, PlacementTarget target, IPlacementContext context);
    }

    public interface IPlacementContext
    {
        SiloAddress LocalSilo { get; }

        /// <summary>Silos that can host the target, at least one.</summary>
        SiloAddress[] GetCompatibleSilos(PlacementTarget target);
    }

    /// <summary>The grain to place.</summary>
    public readonly struct PlacementTarget
    {
        internal PlacementTarget(GrainId grainIdentity) => GrainIdentity = grainIdentity;

        public GrainId GrainIdentity { get; }
    }
}
