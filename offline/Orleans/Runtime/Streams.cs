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
internal abstract class StreamRequest<T> : Invocation, IAsyncEnumerable<T>
{
    private GrainReference target = null!;

    public int MaxBatchSize { get; set; } = 100;

    public IAsyncEnumerable<T> Bind(GrainReference reference)
    {
        target = reference;
        return this;
    }

    /// <summary>Calls the method, on the activation's turn.</summary>
    public abstract IAsyncEnumerable<T> Invoke(object grain);

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(CallerToken, cancellationToken);
        var session = new object();
        var (opened, completed) = (false, false);
        try
        {
            while (!completed)
            {
                linked.Token.ThrowIfCancellationRequested();
                var pull = target.Send(new StreamPull<T>(this, session, !opened, linked.Token));
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
            await target.Send(new StreamClose(this, session));
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException or ObjectDisposedException)
        {
            // The enumerator went with its activation; there is nothing left to close.
        }
    }
}

/// <summary>Asks the activation for the next batch of a session, or to open it.</summary>
internal sealed class StreamPull<T> : Call<StreamBatch<T>>
{
    private readonly StreamRequest<T> request;
    private readonly object session;
    private readonly bool opens;

    public StreamPull(StreamRequest<T> request, object session, bool opens, CancellationToken token) =>
        (this.request, this.session, this.opens, CallerToken) = (request, session, opens, token);

    public override GrainMethod Method => request.Method;

    public override bool Interleaves => true;

    public override object? GetArgument(int index) => request.GetArgument(index);

    public override Task Invoke(object grain)
    {
        var streams = RuntimeContext.Current!.Streams;
        return streams.PullAsync(opens ? streams.Open(session, request) : streams.Get<T>(session), this);
    }
}

/// <summary>Ends a session before its end.</summary>
internal sealed class StreamClose(Invocation request, object session) : Call<GrainMethod.Nothing>
{
    public override GrainMethod Method => request.Method;

    public override bool Interleaves => true;

    public override object? GetArgument(int index) => request.GetArgument(index);

    public override Task Invoke(object grain) => RuntimeContext.Current!.Streams.CloseAsync(session);
}
