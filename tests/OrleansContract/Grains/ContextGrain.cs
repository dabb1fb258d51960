using System.Diagnostics;

// Calls of interfaces whose namespace begins with "Orleans" count as the runtime's own in traces.
namespace Contract.Context;

public interface IContextGrain : IGrainWithStringKey
{
    Task<object?> GetAsync(string key);

    /// <summary>Sets a value here and asks another grain for it.</summary>
    Task<object?> PassOnAsync(string key, string value, IContextGrain next);

    Task<string?> TraceAsync();

    Task<string?> TraceThroughAsync(IContextGrain next);
}

public sealed class ContextGrain : Grain, IContextGrain
{
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
