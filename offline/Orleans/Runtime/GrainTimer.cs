namespace Orleans.Runtime;

/// <summary>Ticks as calls of its own activation; the next tick is set when one has ended.</summary>
internal sealed class GrainTimer : IGrainTimer
{
    private readonly CancellationTokenSource stopped = new();
    private readonly Activation activation;
    private readonly Func<CancellationToken, Task> callback;
    private readonly GrainTimerCreationOptions options;
    private readonly Timer timer;
    private TimeSpan dueTime;
    private TimeSpan period;
    private bool ticking;
    private bool changed;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        RuntimeContext.RequireTurn();
        (this.activation, this.callback, this.options) = (activation, callback, options);
        timer = new Timer(static state => ((GrainTimer)state!).OnDue(), this, Timeout.Infinite, Timeout.Infinite);
        activation.AddTimer(this);
        Change(options.DueTime, options.Period);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        (this.dueTime, this.period, changed) = (dueTime, period, true);
        if (!ticking && !stopped.IsCancellationRequested)
        {
            timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _ = stopped.CancelAsync();
        timer.Dispose();
        activation.RemoveTimer(this);
    }

    private void OnDue()
    {
        ticking = true;
        activation.Turns.TryPost(new Tick(this));
    }

    private async Task TickAsync()
    {
        if (stopped.IsCancellationRequested)
        {
            return;
        }

        changed = false;
        try
        {
            await callback(stopped.Token);
        }
        catch (Exception exception)
        {
            activation.OnTimerFailed(exception);
        }

        ticking = false;
        if (!stopped.IsCancellationRequested)
        {
            timer.Change(changed ? dueTime : period, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Tick : Call
    {
        private static readonly GrainMethod TickMethod =
            GrainMethod.Of(typeof(ITick).GetMethod(nameof(ITick.TickAsync))!);

        private readonly GrainTimer timer;

        public Tick(GrainTimer timer)
            : base(TickMethod, [], default) => (this.timer, Target) = (timer, timer.activation.GrainId);

        private interface ITick
        {
            Task TickAsync();
        }

        public override bool Interleaves => timer.options.Interleave;

        public override bool KeepsAlive => timer.options.KeepAlive;

        public override Task RunAsync(Activation activation) => timer.TickAsync();

        /// <summary>A tick that its activation cannot run any more is dropped; nobody waits for it.</summary>
        public override void Fail(Exception exception)
        {
        }
    }
}
