namespace Orleans.Runtime;

/// <summary>The sending side of a silo or client: makes references, sends calls, and ends each of them.</summary>
internal sealed class Messenger(Cluster cluster, bool traces, Silo? silo) : IClusterClient
{
    /// <summary>Longest time from sending a call to its response, unless the method says otherwise.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(30);

    public OutstandingCalls Outstanding => cluster.Outstanding;

    public Cluster Cluster => cluster;

    /// <summary>The silo that sends; null for a client.</summary>
    public Silo? Silo => silo;

    /// <summary>Set when the host has stopped; calls fail from then on.</summary>
    public bool Closed { get; private set; }

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        var id = new GrainId(GrainClasses.TypeOf(typeof(TGrainInterface)), IdSpan.Create(primaryKey));
        return (TGrainInterface)(object)GrainReference.Create(typeof(TGrainInterface), this, id);
    }

    /// <summary>Sends a call; the task ends by response, timeout, cancellation or the death of the silo.</summary>
    public Task<T> Send<T>(GrainId target, Call<T> call)
    {
        if (call.CallerToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(call.CallerToken);
        }

        call.Sender = this;
        call.Target = target;
        call.Source = RuntimeContext.Current?.GrainId;
        call.RequestValues = RequestContext.Current;
        if (traces)
        {
            call.ClientActivity = Tracing.StartClient(call);
        }

        if (call.Method.OneWay)
        {
            Route(call);
            return Task.FromResult<T>(default!);
        }

        call.Timeout = call.Method.Timeout ?? ResponseTimeout;
        if (call.Timeout != Timeout.InfiniteTimeSpan)
        {
            call.Deadline = Environment.TickCount64 + (long)call.Timeout.TotalMilliseconds;
        }

        Outstanding.Add(call);
        if (call.CallerToken.CanBeCanceled)
        {
            call.Registration = call.CallerToken.UnsafeRegister(
                static state => ((Call)state!).OnCallerCancelled(), call);
        }

        Route(call);
        return call.Response;
    }

    /// <summary>Finds or makes the activation and posts the call to it.</summary>
    public void Route(Call call)
    {
        try
        {
            do
            {
                ObjectDisposedException.ThrowIf(Closed, this);
                var found = cluster.FindAsync(call, silo);
                if (!found.IsCompletedSuccessfully)
                {
                    _ = RouteLaterAsync(call, found);
                    return;
                }

                call.At = found.Result;
            }
            while (!call.At.Turns.TryPost(call));
        }
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    private async Task RouteLaterAsync(Call call, ValueTask<Activation> finding)
    {
        try
        {
            call.At = await finding.ConfigureAwait(false);
            if (!call.At.Turns.TryPost(call))
            {
                Route(call);
            }
        }
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    public void Close()
    {
        Closed = true;
        foreach (var call in Outstanding.Where(call => call.Sender == this))
        {
            call.Fail(new SiloUnavailableException($"The host that sent {call} has stopped."));
        }
    }
}
