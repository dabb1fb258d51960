using System.Diagnostics;
using OrleansContract;

// Calls of interfaces whose namespace begins with "Orleans" count as the runtime's own in traces.
namespace Contract.Context;

public interface IContextGrain : IGrainWithStringKey
{
    Task<object?> GetAsync(string key);

    /// <summary>Sets a value here and asks another grain for it.</summary>
    Task<object?> PassOnAsync(string key, string value, IContextGrain next);

    Task<string?> TraceAsync();

    Task<string?> TraceThroughAsync(IContextGrain next);

    /// <summary>Starts a span of the grain's own, and within it has the next grain do the same.</summary>
    Task SpanAsync(string name, IContextGrain? next);

    /// <summary>Logs the trace that a tick of its own finds itself in.</summary>
    Task TraceOfATickAsync(string log);
}

public sealed class ContextGrain : Grain, IContextGrain
{
    public const string SourceName = "Contract";

    private static readonly ActivitySource Source = new(SourceName);

    public Task<object?> GetAsync(string key)
    {
        var value = RequestContext.Get(key);

        // Must not be seen by the next call, though this method is not async.
        RequestContext.Set(key, "left behind");
        return Task.FromResult(value);
    }

    public async Task<object?> PassOnAsync(string key, string value, IContextGrain next)
    {
        RequestContext.Set(key, value);
        await Task.Yield();
        return await next.GetAsync(key);
    }

    public Task<string?> TraceAsync() => Task.FromResult(Activity.Current?.TraceId.ToString());

    public async Task<string?> TraceThroughAsync(IContextGrain next)
    {
        await Task.Yield();
        return await next.TraceAsync();
    }

    public async Task SpanAsync(string name, IContextGrain? next)
    {
        using var span = Source.StartActivity(name);
        await Task.Yield();
        if (next is not null)
        {
            await next.SpanAsync(name + "'", null);
        }
    }

    public Task TraceOfATickAsync(string log)
    {
        this.RegisterGrainTimer(
            _ =>
            {
                Signals.Log(log, Activity.Current?.TraceId.ToString() ?? "none");
                Signals.Open(log);
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        return Task.CompletedTask;
    }
}

public interface IFilteredGrain : IGrainWithStringKey
{
    Task<int> AddOneAsync(int number);

    Task<string> ForbiddenAsync();
}

/// <summary>Has the silo's filter and one of its own.</summary>
public sealed class FilteredGrain : Grain, IFilteredGrain, IIncomingGrainCallFilter
{
    public Task<int> AddOneAsync(int number) => Task.FromResult(number + 1);

    public Task<string> ForbiddenAsync() => Task.FromResult("never seen");

    public Task Invoke(IIncomingGrainCallContext context) => context.ImplementationMethod.Name == nameof(ForbiddenAsync)
        ? throw new UnauthorizedAccessException(context.InterfaceName)
        : context.Invoke();
}
