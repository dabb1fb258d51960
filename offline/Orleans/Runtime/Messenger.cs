using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The sending side of a silo or client: makes references, sends calls, and ends each of them.</summary>
internal sealed class Messenger(IServiceProvider services, Cluster cluster, MessagingOptions options, Silo? silo)
    : IClusterClient
{
    private readonly bool traces = services.GetRequiredService<IOptions<TracingOptions>>().Value.Enabled;

    public IServiceProvider ServiceProvider => services;

    public OutstandingCalls Outstanding => cluster.Outstanding;

    public Cluster Cluster => cluster;

    /// <summary>The silo that sends; null for a client.</summary>
    public Silo? Silo => silo;

    public TimeSpan ResponseTimeout => options.ResponseTimeout;

    public bool CancelsOnTimeout => options.CancelRequestOnTimeout;

    public bool WaitsForCancellation => options.WaitForCancellationAcknowledgement;

    /// <summary>Set when the host has stopped; calls fail from then on.</summary>
    public bool Closed { get; private set; }

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Create<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Create<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Create<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable =>
        (TGrainInterface)(object)ProxyFactory.Create(typeof(TGrainInterface), this, grainId);

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

        call.Timeout = call.Method.Timeout ?? options.ResponseTimeout;
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
                call.At = cluster.Find(call, silo);
            }
            while (!call.At.Turns.TryPost(call));
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

    private TGrainInterface Create<TGrainInterface>(IdSpan key, string? classNamePrefix) =>
        (TGrainInterface)(object)ProxyFactory.Create(
            typeof(TGrainInterface), this, new(GrainClasses.TypeOf(typeof(TGrainInterface), classNamePrefix), key));
}
