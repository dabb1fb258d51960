using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>One living instance of a grain. Everything below "on a turn" runs on its scheduler, one turn at a time,
/// so it needs no locks.</summary>
internal sealed partial class Activation : IGrainContext
{
    private readonly Silo silo;
    private readonly GrainClass grainClass;
    private readonly GrainId id;
    private readonly TaskCompletionSource deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Queue<Call> waiting = new();
    private volatile Phase phase = Phase.Starting;
    private int runningCount;
    private int blockingReaders;
    private int blockingWriters;
    private int reserved;
    private long lastActive = Environment.TickCount64;
    private IServiceScope? scope;
    private List<GrainTimer>? timers;
    private bool stopping;
    private bool draining;
    private DeactivationReason stopReason;
    private CancellationToken stopToken;

    private StreamHost? streams;

    public Activation(Silo silo, GrainClass grainClass, GrainId id)
    {
        (this.silo, this.grainClass, this.id) = (silo, grainClass, id);
        Turns = new(this);
    }

    private enum Phase
    {
        Starting,
        Running,
        Stopping,
        Ended,
    }

    public Silo Silo => silo;

    public TurnScheduler Turns { get; }

    public GrainId GrainId => id;

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => (scope ??= silo.Services.CreateScope()).ServiceProvider;

    public Task Deactivated => deactivated.Task;

    /// <summary>The silo's filters and then the grain, if it is one.</summary>
    public IIncomingGrainCallFilter[] Filters { get; private set; } = [];

    public StreamHost Streams => streams ??= new(this);

    /// <summary>Whether nothing runs, waits or was promised to run.</summary>
    public bool IsIdle => Volatile.Read(ref runningCount) + Volatile.Read(ref reserved) == 0 && waiting.Count == 0;

    /// <summary>Counts a call that is about to be posted as running.</summary>
    public void Reserve() => Interlocked.Exchange(ref reserved, 1);

    /// <summary>Begins to activate; false when the silo is going down.</summary>
    public bool TryStart()
    {
        if (!silo.TryAdd(this))
        {
            return false;
        }

        Turns.Post(() => _ = StartAsync());
        return true;
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) =>
        Turns.Post(() => BeginStop(deactivationReason, cancellationToken));

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        Turns.Post(() => _ = MigrateAsync(cancellationToken));

    public void CollectIfIdle()
    {
        if (IsStale())
        {
            Turns.Post(() =>
            {
                if (IsStale())
                {
                    BeginStop(new(DeactivationReasonCode.ActivationIdle, "Idle for too long."), CancellationToken.None);
                }
            });
        }
    }

    /// <summary>The end of a process: no turn runs any more, nothing is told.</summary>
    public void Kill()
    {
        phase = Phase.Ended;
        Turns.Kill();
        silo.Remove(this);
        DisposeTimers();
        deactivated.TrySetResult();
    }

    public void OnTimerFailed(Exception exception) => LogTimerFailed(silo.Log, id, exception);

    public void AddTimer(GrainTimer timer)
    {
        lock (Turns)
        {
            (timers ??= []).Add(timer);
        }
    }

    public void RemoveTimer(GrainTimer timer)
    {
        lock (Turns)
        {
            timers?.Remove(timer);
        }
    }

    // On a turn from here on.
    public void Accept(Call call)
    {
        Volatile.Write(ref reserved, 0);
        if (phase == Phase.Running && MayRun(call))
        {
            Run(call);
        }
        else if (!call.IsFinished)
        {
            waiting.Enqueue(call);
        }
    }

    /// <summary>A grain whose state lost a race must read it again: its activation ends.</summary>
    public void OnEscaped(Exception exception)
    {
        if (exception is InconsistentStateException { IsSourceActivation: true } inconsistent)
        {
            inconsistent.IsSourceActivation = false;
            BeginStop(
                new(DeactivationReasonCode.ApplicationError, exception.Message), CancellationToken.None);
        }
    }

    private bool MayRun(Call call) =>
        grainClass.Reentrant
        || call.Interleaves
        || (blockingWriters == 0 && (call.ReadOnly || blockingReaders == 0));

    private void Run(Call call)
    {
        if (!call.TryBegin())
        {
            return;
        }

        Count(call, +1);
        Turns.LeaveContext();
        RequestContext.Current = call.RequestValues;
        var run = call.RunAsync(this);
        if (run.IsCompleted)
        {
            OnEnded(call);
        }
        else
        {
            _ = EndLaterAsync(call, run);
        }
    }

    private async Task EndLaterAsync(Call call, Task run)
    {
        await run;
        OnEnded(call);
    }

    private void OnEnded(Call call)
    {
        Count(call, -1);
        if (call.KeepsAlive)
        {
            lastActive = Environment.TickCount64;
        }

        RunWaiting();
        if (phase == Phase.Stopping && runningCount == 0)
        {
            _ = StopAsync();
        }
    }

    private void Count(Call call, int change)
    {
        runningCount += change;
        if (!call.Interleaves)
        {
            blockingReaders += call.ReadOnly ? change : 0;
            blockingWriters += call.ReadOnly ? 0 : change;
        }
    }

    private void RunWaiting()
    {
        // A call that ends at once comes back here; the loop below goes on with the next one, not deeper.
        if (draining)
        {
            return;
        }

        draining = true;
        while (phase == Phase.Running && waiting.TryPeek(out var call) && (call.IsFinished || MayRun(call)))
        {
            Run(waiting.Dequeue());
        }

        draining = false;
    }

    private bool IsStale() =>
        phase == Phase.Running && IsIdle
        && Environment.TickCount64 - lastActive > (long)silo.Collection.CollectionAge.TotalMilliseconds;

    private async Task StartAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(silo.Collection.ActivationTimeout);
            GrainInstance = grainClass.Create(this, out var states);
            Filters = GrainInstance is IIncomingGrainCallFilter own ? [.. silo.Filters, own] : silo.Filters;
            foreach (var state in states)
            {
                await state.ReadStateAsync().WaitAsync(timeout.Token);
            }

            if (GrainInstance is Grain grain)
            {
                await grain.OnActivateAsync(timeout.Token).WaitAsync(timeout.Token);
            }
        }
        catch (Exception exception)
        {
            LogActivationFailed(silo.Log, id, exception);
            await EndAsync(call => call.Fail(exception));
            return;
        }

        if (phase == Phase.Starting)
        {
            // Not in order of arrival alone: what may interleave must not wait for what may not.
            phase = Phase.Running;
            var early = waiting;
            waiting = new();
            foreach (var call in early)
            {
                Accept(call);
            }
        }
        else if (phase == Phase.Stopping)
        {
            await StopAsync();
        }
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await silo.Messenger.Cluster.PlaceAgainAsync(grainClass, id, silo) != silo)
            {
                BeginStop(new(DeactivationReasonCode.Migrating, "Migrating to a new location."), cancellationToken);
            }
        }
        catch (Exception exception)
        {
            LogMigrationFailed(silo.Log, id, exception);
        }
    }

    private void BeginStop(DeactivationReason reason, CancellationToken token)
    {
        if (phase is Phase.Starting or Phase.Running)
        {
            (stopReason, stopToken) = (reason, token);
            var started = phase == Phase.Running;
            phase = Phase.Stopping;
            streams?.Interrupt();
            if (started && runningCount == 0)
            {
                _ = StopAsync();
            }
        }
    }

    private async Task StopAsync()
    {
        if (stopping)
        {
            return;
        }

        stopping = true;
        DisposeTimers();
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopToken);
            timeout.CancelAfter(silo.Collection.DeactivationTimeout);
            if (GrainInstance is Grain grain)
            {
                await grain.OnDeactivateAsync(stopReason, timeout.Token).WaitAsync(timeout.Token);
            }
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(silo.Log, id, exception);
        }

        await EndAsync(call => call.Sender?.Route(call));
    }

    /// <summary>Leaves the directory and then deals with the calls that came too late for this activation.</summary>
    private async Task EndAsync(Action<Call> settle)
    {
        DisposeTimers();
        phase = Phase.Ended;
        silo.Remove(this);
        foreach (var call in waiting.Concat(Turns.RefuseCalls()).Where(call => !call.IsFinished))
        {
            settle(call);
        }

        try
        {
            await (streams?.DisposeAsync() ?? default);
            await DisposeAsync(GrainInstance);
            scope?.Dispose();
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(silo.Log, id, exception);
        }

        deactivated.TrySetResult();
    }

    private static ValueTask DisposeAsync(object? instance)
    {
        if (instance is IAsyncDisposable asynchronous)
        {
            return asynchronous.DisposeAsync();
        }

        (instance as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }

    private void DisposeTimers()
    {
        lock (Turns)
        {
            timers?.ToList().ForEach(timer => timer.Dispose());
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Failed to activate grain {Grain}")]
    private static partial void LogActivationFailed(ILogger log, GrainId grain, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Grain {Grain} could not be placed anew, so it stays")]
    private static partial void LogMigrationFailed(ILogger log, GrainId grain, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Error while deactivating grain {Grain}")]
    private static partial void LogDeactivationFailed(ILogger log, GrainId grain, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Timer callback of grain {Grain} failed and was ignored")]
    private static partial void LogTimerFailed(ILogger log, GrainId grain, Exception exception);
}
