using Orleans.Concurrency;

namespace OrleansContract;

public interface ICancelGrain : IGrainWithStringKey
{
    /// <summary>Waits until cancelled.</summary>
    Task<int> WaitAsync(string gate, CancellationToken cancellationToken);

    /// <summary>The same through another grain.</summary>
    Task<int> WaitThroughAsync(ICancelGrain other, string gate, CancellationToken cancellationToken);

    [AlwaysInterleave]
    Task<bool> CanBeCancelledAsync(CancellationToken cancellationToken);

    Task<int> ThrowCancelledAsync();
}

public sealed class CancelGrain : Grain, ICancelGrain
{
    public async Task<int> WaitAsync(string gate, CancellationToken cancellationToken)
    {
        Signals.Open(gate + "/entered");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Signals.Open(gate + "/cancelled");
            throw;
        }

        return 0;
    }

    public Task<int> WaitThroughAsync(ICancelGrain other, string gate, CancellationToken cancellationToken) =>
        other.WaitAsync(gate, cancellationToken);

    public Task<bool> CanBeCancelledAsync(CancellationToken cancellationToken) =>
        Task.FromResult(cancellationToken.IsCancellationRequested);

    public Task<int> ThrowCancelledAsync() => throw new OperationCanceledException("by the grain");
}
