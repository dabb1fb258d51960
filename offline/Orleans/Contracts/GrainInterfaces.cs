using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime
{
    public interface IAddressable;

    /// <summary>An activation, as those see it who manage activations.</summary>
    public interface IGrainContext
    {
        GrainId GrainId { get; }

        /// <summary>Ends the activation once its running calls have ended; may be called from any thread.</summary>
        void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);

        /// <summary>Ends the activation once its running calls have ended, if placement has another silo for it; may
        /// be called from any thread. Calls that come later find it there.</summary>
        void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default);
    }

    public interface IGrainTimer : IDisposable
    {
        /// <summary>Takes effect after the tick in progress, if there is one.</summary>
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    /// <summary>When a grain timer ticks. <see cref="Timeout.InfiniteTimeSpan"/> stands for never.</summary>
    public readonly struct GrainTimerCreationOptions()
    {
        [SetsRequiredMembers]
        public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
            : this() => (DueTime, Period) = (dueTime, period);

        /// <summary>Time to the first tick.</summary>
        public required TimeSpan DueTime { get; init; }

        /// <summary>Time from the end of one tick to the next, so ticks never overlap.</summary>
        public required TimeSpan Period { get; init; }

        /// <summary>Whether a tick may run between the turns of calls; otherwise it waits like a call.</summary>
        public bool Interleave { get; init; }

        /// <summary>Whether ticks keep the activation from idle deactivation.</summary>
        public bool KeepAlive { get; init; }
    }

    public interface ILocalSiloDetails
    {
        string Name { get; }

        SiloAddress SiloAddress { get; }
    }
}

namespace Orleans
{
    public interface IGrain : Runtime.IAddressable;

    public interface IGrainWithStringKey : IGrain;

    /// <summary>Makes references. A reference costs no message; the grain is activated by its first call.</summary>
    public interface IGrainFactory
    {
        /// <exception cref="ArgumentException">The key is empty, or not exactly one class implements the interface.
        /// </exception>
        TGrainInterface GetGrain<TGrainInterface>(string primaryKey)
            where TGrainInterface : IGrainWithStringKey;
    }

    public interface IClusterClient : IGrainFactory;

    /// <summary>Why an activation ended; the numbers are upstream's.</summary>
    [GenerateSerializer]
    public enum DeactivationReasonCode : byte
    {
        None,
        ShuttingDown,
        ActivationFailed,
        DirectoryFailure,
        ActivationIdle,
        ActivationUnresponsive,
        DuplicateActivation,
        IncompatibleRequest,
        ApplicationError,
        ApplicationRequested,
        Migrating,
    }

    public readonly record struct DeactivationReason(DeactivationReasonCode ReasonCode, string Description);
}

namespace Orleans.Configuration
{
    public class GrainCollectionOptions
    {
        /// <summary>How often a silo looks for idle activations.</summary>
        public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>Idle time after which an activation ends; longer than the quantum.</summary>
        public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>Longest time an activation may take to start.</summary>
        public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>Longest time an activation may take to end.</summary>
        public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
    }
}
