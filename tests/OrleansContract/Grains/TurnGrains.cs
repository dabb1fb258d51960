using Orleans.Concurrency;

namespace OrleansContract;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Waits for the gate, logging "enter" and "leave".</summary>
    Task BlockAsync(string gate);

    [ReadOnly]
    Task ReadAsync(string gate);

    [AlwaysInterleave]
    Task<int> PeekAsync();

    Task<int> CountAsync();

    /// <summary>Whether awaits come back to the activation's scheduler, which is not the default one.</summary>
    Task<bool> KeepsSchedulerAsync();

    Task<int> CountSlowlyAsync(int steps);

    /// <summary>What an earlier call left in an async local.</summary>
    Task<string?> LeaveBehindAsync(string value, string gate);

    Task CallMyselfAsync();

    [ResponseTimeout("00:00:00.3")]
    Task BlockBrieflyAsync(string gate);

    [OneWay]
    Task NotifyAsync(string gate);
}

public interface IReentrantGrain : IGrainWithStringKey
{
    Task BlockAsync(string gate);

    Task<int> CountAsync();
}

public sealed class TurnGrain : Grain, ITurnGrain
{
    private static readonly AsyncLocal<string?> Local = new();
    private int count;

    public Task<string?> LeaveBehindAsync(string value, string gate)
    {
        var found = Local.Value;
        Local.Value = value;
        return LaterAsync();

        async Task<string?> LaterAsync()
        {
            await Signals.Opened(gate);
            return found;
        }
    }

    public async Task BlockAsync(string gate)
    {
        Signals.Log(gate, "enter");
        Signals.Open(gate + "/entered");
        await Signals.Opened(gate);
        count++;
        Signals.Log(gate, "leave");
    }

    public Task ReadAsync(string gate) => BlockAsync(gate);

    public Task<int> PeekAsync() => Task.FromResult(count);

    public Task<int> CountAsync() => Task.FromResult(count);

    public async Task<bool> KeepsSchedulerAsync()
    {
        var scheduler = TaskScheduler.Current;
        await Task.Yield();
        var afterYield = TaskScheduler.Current;
        await Task.Delay(1);
        var afterDelay = TaskScheduler.Current;
        await Task.Run(() => { });
        return scheduler != TaskScheduler.Default
            && scheduler == afterYield && scheduler == afterDelay && scheduler == TaskScheduler.Current;
    }

    public async Task<int> CountSlowlyAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            // Not atomic: two turns at once would lose counts.
            var before = count;
            await Task.Yield();
            count = before + 1;
        }

        return count;
    }

    public Task CallMyselfAsync() =>
        this.AsReference<ITurnGrain>().BlockBrieflyAsync("never/" + this.GetPrimaryKeyString());

    public Task BlockBrieflyAsync(string gate) => BlockAsync(gate);

    public Task NotifyAsync(string gate)
    {
        Signals.Open(gate);
        throw new InvalidOperationException("nobody is told");
    }
}

[Reentrant]
public sealed class ReentrantGrain : Grain, IReentrantGrain
{
    private int count;

    public async Task BlockAsync(string gate)
    {
        count++;
        await Signals.Opened(gate);
    }

    public Task<int> CountAsync() => Task.FromResult(count);
}
