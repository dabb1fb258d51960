using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>The enumerators an activation keeps for its callers. Runs on the activation's turns.</summary>
internal sealed class StreamHost(Activation activation)
{
    /// <summary>After so long without elements the caller is told to ask again.</summary>
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(15);

    private readonly Dictionary<object, IAsyncDisposable> sessions = [];
    private readonly CancellationTokenSource interrupted = new();

    public StreamSession<T> Open<T>(object key, StreamRequest<T> request)
    {
        var session = new StreamSession<T>(key, request, activation.GrainInstance!);
        sessions.Add(key, session);
        return session;
    }

    /// <exception cref="EnumerationAbortedException">This activation does not know the session.</exception>
    public StreamSession<T> Get<T>(object key) => sessions.TryGetValue(key, out var session)
        ? (StreamSession<T>)session
        : throw new EnumerationAbortedException(
            "Enumeration aborted: the grain was deactivated since the enumeration began.");

    public async Task<StreamBatch<T>> PullAsync<T>(StreamSession<T> session, Call call)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(call.CalleeToken, interrupted.Token);
            var half = call.Timeout / 2;
            var patience = call.Timeout > TimeSpan.Zero && half < LongestPoll ? half : LongestPoll;
            var batch = await session.NextAsync(patience, either.Token);
            if (batch.Completed)
            {
                await CloseAsync(session.Key);
            }

            return batch;
        }
        catch (Exception)
        {
            await CloseAsync(session.Key);
            throw;
        }
    }

    public async Task CloseAsync(object key)
    {
        if (sessions.Remove(key, out var session))
        {
            await session.DisposeAsync();
        }
    }

    /// <summary>Has callers that wait for elements ask again, so that the activation can end.</summary>
    public void Interrupt() => interrupted.Cancel();

    public async ValueTask DisposeAsync()
    {
        foreach (var key in sessions.Keys.ToList())
        {
            await CloseAsync(key);
        }
    }
}

/// <summary>One enumerator and what it was last asked.</summary>
internal sealed class StreamSession<T> : IAsyncDisposable
{
    /// <summary>Longest wait for an enumerator to notice that its token was cancelled.</summary>
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource closed = new();
    private readonly StreamRequest<T> request;
    private readonly IAsyncEnumerator<T> enumerator;
    private Task<bool>? moving;

    public StreamSession(object key, StreamRequest<T> request, object grain)
    {
        (Key, this.request) = (key, request);
        enumerator = request.Invoke(grain, closed.Token).GetAsyncEnumerator(closed.Token);
    }

    public object Key { get; }

    /// <summary>The elements at hand, up to the batch size; waits for the first, but not longer than told.</summary>
    public async Task<StreamBatch<T>> NextAsync(TimeSpan patience, CancellationToken stop)
    {
        var elements = new List<T>();
        while (elements.Count < request.MaxBatchSize)
        {
            moving ??= enumerator.MoveNextAsync().AsTask();
            if (!moving.IsCompleted && (elements.Count > 0 || !await MovesWithinAsync(patience, stop)))
            {
                break;
            }

            var moved = await moving;
            moving = null;
            if (!moved)
            {
                return new(elements, Completed: true);
            }

            elements.Add(Copier.Copy(enumerator.Current));
        }

        return new(elements, Completed: false);
    }

    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync();
        if (moving is null || await MovesWithinAsync(ClosePatience, CancellationToken.None))
        {
            await enumerator.DisposeAsync();
        }
    }

    private async Task<bool> MovesWithinAsync(TimeSpan patience, CancellationToken stop)
    {
        await ((Task)moving!).WaitAsync(patience, stop)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return moving!.IsCompleted;
    }
}
