using System.Collections.Immutable;
using System.Diagnostics;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>One turn an activation is asked for: a method call or a timer's tick.</summary>
internal abstract class Call(GrainMethod method, object?[] arguments, CancellationToken callerToken)
    : Serialization.Invocation.IInvokable
{
    private int finished;
    private volatile CancellationTokenSource? calleeCancellation;

    public GrainMethod Method => method;

    public object?[] Arguments => arguments;

    /// <summary>The token the caller passed.</summary>
    public CancellationToken CallerToken => callerToken;

    /// <summary>The token the callee gets in its place.</summary>
    public CancellationToken CalleeToken => calleeCancellation?.Token ?? default;

    public TimeSpan Timeout { get; set; }

    /// <summary>When the call times out, in <see cref="Environment.TickCount64"/>.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    public Messenger? Sender { get; set; }

    public GrainId Target { get; set; }

    public GrainId? Source { get; set; }

    /// <summary>The activation the call was last sent to.</summary>
    public Activation? At { get; set; }

    public ImmutableDictionary<string, object>? RequestValues { get; set; }

    public Activity? ClientActivity { get; set; }

    public CancellationTokenRegistration Registration { get; set; }

    public virtual bool Interleaves => Method.Interleaves;

    public virtual bool ReadOnly => Method.ReadOnly;

    public virtual bool KeepsAlive => true;

    public bool IsFinished => Volatile.Read(ref finished) != 0;

    /// <summary>Runs the method on the activation's turn and ends the call; must not throw.</summary>
    public abstract Task RunAsync(Activation activation);

    /// <summary>Ends the call with an exception, if nothing else ended it.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Prepares the callee's token. False when the call ended before it began.</summary>
    public bool TryBegin()
    {
        if (CallerToken.CanBeCanceled)
        {
            calleeCancellation = new();
            if (CallerToken.IsCancellationRequested)
            {
                Fail(new OperationCanceledException(CallerToken));
            }
        }

        return !IsFinished;
    }

    /// <summary>Cancels the token the callee sees, as a turn of the callee.</summary>
    public void CancelCallee()
    {
        if (calleeCancellation is { } cancellation && At is { } activation)
        {
            activation.Turns.Post(cancellation.Cancel);
        }
    }

    /// <summary>Cancels the token of a callee whose silo died, to stop what it left running elsewhere.</summary>
    public void CancelOrphan() => _ = calleeCancellation?.CancelAsync();

    public void OnCallerCancelled()
    {
        Fail(new OperationCanceledException(CallerToken));
        CancelCallee();
    }

    public int GetArgumentCount() => arguments.Length;

    public object? GetArgument(int index) => index == Method.Token ? CalleeToken : arguments[index];

    public void SetArgument(int index, object? value) => arguments[index] = value;

    public string GetMethodName() => Method.Info.Name;

    public override string ToString() => $"{Method.ActivityName} of {Target}";

    protected bool TryFinish()
    {
        if (Interlocked.Exchange(ref finished, 1) != 0)
        {
            return false;
        }

        Sender?.Outstanding.Remove(this);
        Registration.Dispose();
        ClientActivity?.Stop();
        return true;
    }
}

/// <summary>A call whose response is a <typeparamref name="T"/>.</summary>
internal class Call<T>(GrainMethod method, object?[] arguments, CancellationToken callerToken)
    : Call(method, arguments, callerToken)
{
    private readonly TaskCompletionSource<T> response = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Response => response.Task;

    /// <summary>Calls the method; the task is a <see cref="Task{T}"/> unless there is no result.</summary>
    public virtual Task Invoke(object grain)
    {
        if (Method.Token >= 0)
        {
            Arguments[Method.Token] = CalleeToken;
        }

        return (Task)Method.Body(grain, Arguments);
    }

    public override void Fail(Exception exception)
    {
        if (TryFinish())
        {
            response.TrySetFromTask(Rethrow(exception));
        }
    }

    public override Task RunAsync(Activation activation)
    {
        if ((activation.Silo.Traces && Tracing.IsOn) || activation.Filters.Length > 0)
        {
            return FilteredAsync(activation);
        }

        try
        {
            var task = Invoke(activation.GrainInstance!);
            if (!task.IsCompletedSuccessfully)
            {
                return AwaitAsync(activation, task);
            }

            Succeed(ResultOf(task));
        }
        catch (Exception exception)
        {
            OnFailed(activation, exception);
        }

        return Task.CompletedTask;
    }

    /// <summary>A task that failed or was cancelled by this exception, keeping its type and stack.</summary>
    private static async Task<T> Rethrow(Exception exception) => await Task.FromException<T>(exception);

    private static T ResultOf(Task task) => task is Task<T> typed ? typed.Result : default!;

    private async Task AwaitAsync(Activation activation, Task task)
    {
        try
        {
            await task;
            Succeed(ResultOf(task));
        }
        catch (Exception exception)
        {
            OnFailed(activation, exception);
        }
    }

    private async Task FilteredAsync(Activation activation)
    {
        using var activity = activation.Silo.Traces ? Tracing.StartServer(this) : null;
        try
        {
            var context = new CallContext(this, activation, async () =>
            {
                var task = Invoke(activation.GrainInstance!);
                await task;
                return Method.Result == typeof(GrainMethod.Nothing) ? null : ResultOf(task);
            });
            await context.Invoke();
            activity?.Stop();   // over before the caller hears of it
            Succeed(context.Result is T result ? result : default!);
        }
        catch (Exception exception)
        {
            Tracing.SetError(activity, exception);
            activity?.Stop();
            OnFailed(activation, exception);
        }
    }

    private void Succeed(T result)
    {
        var copy = Method.ImmutableResult ? result : Copier.Copy(result);
        if (TryFinish())
        {
            response.TrySetResult(copy);
        }
    }

    private void OnFailed(Activation activation, Exception exception)
    {
        activation.OnEscaped(exception);
        Tracing.SetError(ClientActivity, exception);
        Fail(exception);
    }
}
