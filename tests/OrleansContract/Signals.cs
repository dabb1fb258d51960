using System.Collections.Concurrent;

namespace OrleansContract;

/// <summary>Named gates and counters that tests and grains of this process share; keys are unique per test.</summary>
public static class Signals
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Gates = new();
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Logs = new();

    /// <summary>Longest wait of a test for something that must happen.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    public static string NewKey() => Guid.NewGuid().ToString("N");

    public static void Open(string name) => Gate(name).TrySetResult();

    public static Task WaitAsync(string name) => Gate(name).Task.WaitAsync(Patience);

    /// <summary>The gate without a limit to the waiting.</summary>
    public static Task Opened(string name) => Gate(name).Task;

    public static void Log(string name, string line) => Logs.GetOrAdd(name, _ => new()).Enqueue(line);

    public static string[] Lines(string name) => Logs.TryGetValue(name, out var lines) ? [.. lines] : [];

    private static TaskCompletionSource Gate(string name) =>
        Gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
