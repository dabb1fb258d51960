namespace CoMiGS.Learning.Torch;

/// <summary>A call waiting for the device.</summary>
internal abstract class TorchOrder(CancellationToken stop)
{
    public CancellationToken Stop => stop;

    public abstract void Fail(Exception error);
}

/// <summary>A call with its work and its answer. Cancelling it answers at once; the device drops it when it gets there.
/// </summary>
internal sealed class TorchOrder<TWork, TResult> : TorchOrder
{
    private readonly TaskCompletionSource<TResult> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration registration;

    public TorchOrder(TWork work, CancellationToken stop)
        : base(stop)
    {
        Work = work;
        registration = stop.Register(() => answer.TrySetCanceled(stop));
    }

    public TWork Work { get; }

    public Task<TResult> Answer => answer.Task;

    public void Complete(TResult result)
    {
        registration.Dispose();
        answer.TrySetResult(result);
    }

    public override void Fail(Exception error)
    {
        registration.Dispose();
        if (error is OperationCanceledException cancelled)
        {
            answer.TrySetCanceled(cancelled.CancellationToken);
        }
        else
        {
            answer.TrySetException(error);
        }
    }
}
