using Orleans.Runtime;

namespace Orleans;

/// <summary>The base of grain classes: who am I, whom can I call, when do I end.</summary>
public abstract class Grain : IAddressable
{
    internal Activation Activation { get; } = RuntimeContext.Current!;

    public IGrainContext GrainContext => Activation;

    protected IGrainFactory GrainFactory => Activation.Silo.Messenger;

    /// <summary>Runs before the first call is delivered, with persistent state already read.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the last call ended, unless the silo died.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>Ends this activation once the running calls have ended. The next call makes a new one.</summary>
    protected internal void DeactivateOnIdle() => Activation.Deactivate(
        new(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called."));
}

/// <summary>What a grain's own code asks of the runtime.</summary>
public static class GrainBaseExtensions
{
    public static void DeactivateOnIdle(this Grain grain) => grain.DeactivateOnIdle();

    /// <summary>Starts a timer whose ticks are turns of the activation that registers it.</summary>
    public static IGrainTimer RegisterGrainTimer<TState>(
        this Grain grain,
        Func<TState, CancellationToken, Task> callback,
        TState state,
        GrainTimerCreationOptions options) =>
        new GrainTimer(grain.Activation, token => callback(state, token), options);

    public static IGrainTimer RegisterGrainTimer(
        this Grain grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) =>
        new GrainTimer(grain.Activation, callback, options);

    public static IGrainTimer RegisterGrainTimer(
        this Grain grain, Func<CancellationToken, Task> callback, TimeSpan dueTime, TimeSpan period) =>
        new GrainTimer(grain.Activation, callback, new(dueTime, period));
}

/// <summary>The identity of a grain or of a reference to one.</summary>
public static class GrainExtensions
{
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        Grain instance => instance.Activation.GrainId,
        _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a grain reference.", nameof(grain)),
    };

    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    /// <summary>A reference to this grain, safe to hand to others.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this Grain grain) => (TGrainInterface)(object)
        GrainReference.Create(typeof(TGrainInterface), grain.Activation.Silo.Messenger, grain.Activation.GrainId);
}
