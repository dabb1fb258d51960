namespace OrleansContract;

public interface ITimerGrain : IGrainWithStringKey
{
    Task StartAsync(TimeSpan period, bool interleave, bool keepAlive);

    /// <summary>Starts a tick that waits for the gate or its token.</summary>
    Task StartBlockingAsync(string gate, bool interleave);

    Task StopAsync();

    Task ChangeAsync(TimeSpan dueTime, TimeSpan period);

    Task<int> TickCountAsync();

    Task<int> AnswerAsync();

    Task StartThrowingAsync();

    Task DeactivateAsync();
}

public sealed class TimerGrain : Grain, ITimerGrain
{
    private IGrainTimer? timer;
    private int ticks;

    private string Key => this.GetPrimaryKeyString();

    public Task StartAsync(TimeSpan period, bool interleave, bool keepAlive)
    {
        timer = this.RegisterGrainTimer(
            TickAsync,
            new GrainTimerCreationOptions(TimeSpan.Zero, period) { Interleave = interleave, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task StartBlockingAsync(string gate, bool interleave)
    {
        timer = this.RegisterGrainTimer(
            async (name, token) =>
            {
                Signals.Open(name + "/entered");
                await Task.WhenAny(Signals.Opened(name), Task.Delay(Timeout.Infinite, token));
                Signals.Log(name, token.IsCancellationRequested ? "cancelled" : "opened");
            },
            gate,
            new GrainTimerCreationOptions
            {
                DueTime = TimeSpan.Zero,
                Period = Timeout.InfiniteTimeSpan,
                Interleave = interleave,
            });
        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task ChangeAsync(TimeSpan dueTime, TimeSpan period)
    {
        timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task<int> TickCountAsync() => Task.FromResult(ticks);

    public Task<int> AnswerAsync() => Task.FromResult(42);

    public Task StartThrowingAsync()
    {
        timer = this.RegisterGrainTimer(
            async token =>
            {
                await TickAsync(token);
                throw new InvalidOperationException("ignored");
            },
            TimeSpan.Zero,
            TimeSpan.FromMilliseconds(5));
        return Task.CompletedTask;
    }

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Open(Key + "/deactivated");
        return Task.CompletedTask;
    }

    private async Task TickAsync(CancellationToken token)
    {
        var before = ticks;
        await Task.Yield();
        ticks = before + 1;
        if (ticks == 3)
        {
            Signals.Open(Key + "/three");
        }
    }
}
