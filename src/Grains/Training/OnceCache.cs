using CoMiGS.Grains.Telemetry;

namespace CoMiGS.Grains.Training;

/// <summary>Values that are made once per key however many ask at the same time. A failure is handed to everyone who
/// waited and then forgotten. Holds the newest <paramref name="limit"/> keys.</summary>
/// <param name="name">In metrics.</param>
internal sealed class OnceCache<TKey, TValue>(string name, int limit)
    where TKey : notnull
{
    private readonly KeyValuePair<string, object?> tag = new("cache", name);
    private readonly Dictionary<TKey, Task<TValue>> entries = [];
    private readonly List<TKey> oldestFirst = [];

    /// <param name="make">Runs on the thread pool: one caller's turn or cancellation must not end it for the
    /// others.</param>
    public async Task<TValue> GetAsync(TKey key, Func<Task<TValue>> make, CancellationToken stop)
    {
        var entry = Entry(key, make);
        try
        {
            return await entry.WaitAsync(stop);
        }
        catch when (entry.IsFaulted)
        {
            Forget(key, entry);
            throw;
        }
    }

    /// <summary>Everything made so far and still held.</summary>
    public IReadOnlyList<TValue> Values()
    {
        lock (entries)
        {
            return [.. entries.Values.Where(entry => entry.IsCompletedSuccessfully).Select(entry => entry.Result)];
        }
    }

    private Task<TValue> Entry(TKey key, Func<Task<TValue>> make)
    {
        lock (entries)
        {
            var isKnown = entries.TryGetValue(key, out var entry);
            Instruments.CacheRequests.Add(1, tag, new("outcome", isKnown ? "hit" : "miss"));
            if (isKnown)
            {
                return entry!;
            }

            entry = Task.Run(make);
            entries.Add(key, entry);
            oldestFirst.Add(key);
            if (oldestFirst.Count > limit)
            {
                entries.Remove(oldestFirst[0]);
                oldestFirst.RemoveAt(0);
            }

            return entry;
        }
    }

    private void Forget(TKey key, Task<TValue> failed)
    {
        lock (entries)
        {
            if (entries.TryGetValue(key, out var entry) && entry == failed)
            {
                entries.Remove(key);
                oldestFirst.Remove(key);
            }
        }
    }
}
