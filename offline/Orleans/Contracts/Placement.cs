namespace Orleans.Runtime
{
    /// <summary>Which silo gets a new activation. The strategies here are upstream's that need no director.</summary>
    public abstract class PlacementStrategy;

    public sealed class RandomPlacement : PlacementStrategy;

    public sealed class HashBasedPlacement : PlacementStrategy;

    public sealed class PreferLocalPlacement : PlacementStrategy;

    public sealed class ActivationCountBasedPlacement : PlacementStrategy;

    internal sealed class StatelessWorkerPlacement(int maxLocalWorkers) : PlacementStrategy
    {
        public int MaxLocalWorkers { get; } = maxLocalWorkers > 0 ? maxLocalWorkers : Environment.ProcessorCount;
    }
}

namespace Orleans.Placement
{
    [AttributeUsage(AttributeTargets.Class)]
    public abstract class PlacementAttribute : Attribute
    {
        protected PlacementAttribute(Runtime.PlacementStrategy placement) => PlacementStrategy = placement;

        public Runtime.PlacementStrategy PlacementStrategy { get; }
    }

    /// <summary>Any silo. Also what a class without an attribute gets.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class RandomPlacementAttribute() : PlacementAttribute(new Runtime.RandomPlacement());

    /// <summary>The silo chosen by a hash of the grain's id.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class HashBasedPlacementAttribute() : PlacementAttribute(new Runtime.HashBasedPlacement());

    /// <summary>The caller's silo; any silo when the caller is a client.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new Runtime.PreferLocalPlacement());

    /// <summary>The silo with the fewest activations.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ActivationCountBasedPlacementAttribute()
        : PlacementAttribute(new Runtime.ActivationCountBasedPlacement());
}
