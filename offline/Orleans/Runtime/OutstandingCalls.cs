namespace Orleans.Runtime;

/// <summary>All calls of a cluster that have no response yet, so that each ends by its deadline at the latest, and
/// earlier when its silo or its sender is gone.</summary>
internal sealed class OutstandingCalls : IDisposable
{
    /// <summary>How late a timeout may be.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(25);

    // Linked lists under several locks: adding and removing is on the path of every call.
    private readonly Call?[] heads = new Call?[32];
    private readonly Lock[] locks;
    private readonly Timer timer;

    public OutstandingCalls()
    {
        locks = [.. heads.Select(_ => new Lock())];
        timer = new Timer(static state => ((OutstandingCalls)state!).FailExpired(), this, Resolution, Resolution);
    }

    public void Add(Call call)
    {
        call.Stripe = Environment.CurrentManagedThreadId % heads.Length;
        lock (locks[call.Stripe])
        {
            call.After = heads[call.Stripe];
            if (call.After is { } after)
            {
                after.Before = call;
            }

            heads[call.Stripe] = call;
        }
    }

    public void Remove(Call call)
    {
        if (call.Stripe < 0)
        {
            return;
        }

        lock (locks[call.Stripe])
        {
            if (call.Before is { } before)
            {
                before.After = call.After;
            }
            else if (ReferenceEquals(heads[call.Stripe], call))
            {
                heads[call.Stripe] = call.After;
            }

            if (call.After is { } after)
            {
                after.Before = call.Before;
            }

            call.Before = call.After = null;
        }
    }

    public List<Call> Where(Func<Call, bool> predicate)
    {
        var found = new List<Call>();
        for (var stripe = 0; stripe < heads.Length; stripe++)
        {
            lock (locks[stripe])
            {
                for (var call = heads[stripe]; call is not null; call = call.After)
                {
                    if (predicate(call))
                    {
                        found.Add(call);
                    }
                }
            }
        }

        return found;
    }

    public void Dispose() => timer.Dispose();

    private void FailExpired()
    {
        var now = Environment.TickCount64;
        foreach (var call in Where(call => call.Deadline <= now))
        {
            call.Fail(new TimeoutException(
                $"Response did not arrive on time in {call.Timeout} for message: {call}."));        }
    }
}
