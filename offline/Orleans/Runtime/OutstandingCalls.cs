using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>All calls of a cluster that have no response yet, so that each ends by its deadline at the latest, and
/// earlier when its silo or its sender is gone.</summary>
internal sealed class OutstandingCalls : IDisposable
{
    /// <summary>How late a timeout may be.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentDictionary<Call, bool> calls = new();
    private readonly Timer timer;

    public OutstandingCalls() =>
        timer = new Timer(static state => ((OutstandingCalls)state!).FailExpired(), this, Resolution, Resolution);

    public void Add(Call call) => calls.TryAdd(call, true);

    public void Remove(Call call) => calls.TryRemove(call, out _);

    public List<Call> Where(Func<Call, bool> predicate) => [.. calls.Select(entry => entry.Key).Where(predicate)];

    public void Dispose() => timer.Dispose();

    private void FailExpired()
    {
        var now = Environment.TickCount64;
        foreach (var call in Where(call => call.Deadline <= now))
        {
            call.Fail(new TimeoutException($"Response did not arrive on time in {call.Timeout} for message: {call}."));
        }
    }
}
