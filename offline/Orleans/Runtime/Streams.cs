namespace Orleans.Runtime;

public static class AsyncEnumerableExtensions
{
    /// <summary>Most elements one message brings; 100 unless told. Elements not at hand are not waited for.</summary>
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
    {
        if (self is StreamRequest<T> request)
        {
            request.MaxBatchSize = maxBatchSize;
        }

        return self;
    }
}

/// <summary>Some elements of an enumeration; none means that the caller should ask again.</summary>
[Immutable]
internal sealed record StreamBatch<T>(IReadOnlyList<T> Elements, bool Completed);

/// <summary>The caller's side of a grain method that returns an <see cref="IAsyncEnumerable{T}"/>: each enumeration
/// pulls batches from an enumerator that lives in the activation.</summary>
internal sealed class StreamRequest<T>(
    GrainReference target, GrainMethod method, object?[] arguments, CancellationToken callerToken) : IAsyncEnumerable<T>
{
    public int MaxBatchSize { get; set; } = 100;

    /// <summary>Calls the method, on the activation's turn.</summary>
    public IAsyncEnumerable<T> Invoke(object grain, CancellationToken closed)
    {
        var values = arguments.ToArray();
        if (method.Token >= 0)
        {
            values[method.Token] = closed;
        }

        return (IAsyncEnumerable<T>)method.Body(grain, values);
    }

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(callerToken, cancellationToken);
        var session = new object();
        var (opened, completed) = (false, false);
        try
        {
            while (!completed)
            {
                linked.Token.ThrowIfCancellationRequested();
                var pull = target.Send(new StreamPull<T>(this, method, arguments, session, !opened, linked.Token));
                opened = true;
                var batch = await pull;
                completed = batch.Completed;
                foreach (var element in batch.Elements)
                {
                    yield return element;
                }
            }
        }
        finally
        {
            if (opened && !completed)
            {
                await CloseAsync(session);
            }
        }
    }

    private async Task CloseAsync(object session)
    {
        try
        {
            await target.Send(new StreamClose(method, arguments, session));
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException or ObjectDisposedException)
        {
            // The enumerator went with its activation; there is nothing left to close.
        }
    }
}

/// <summary>Asks the activation for the next batch of a session, or to open it.</summary>
internal sealed class StreamPull<T>(
    StreamRequest<T> request, GrainMethod method, object?[] arguments, object session, bool opens,
    CancellationToken callerToken) : Call<StreamBatch<T>>(method, arguments, callerToken)
{
    public override bool Interleaves => true;

    public override Task Invoke(object grain)
    {
        var streams = RuntimeContext.Current!.Streams;
        return streams.PullAsync(opens ? streams.Open(session, request) : streams.Get<T>(session), this);
    }
}

/// <summary>Ends a session before its end.</summary>
internal sealed class StreamClose(GrainMethod method, object?[] arguments, object session)
    : Call<GrainMethod.Nothing>(method, arguments, default)
{
    public override bool Interleaves => true;

    public override Task Invoke(object grain) => RuntimeContext.Current!.Streams.CloseAsync(session);
}
