namespace CoMiGS.Grains.Rounds;

/// <summary>How long a round may take. Users have until the deadline; adding up what they sent has a moment
/// more.</summary>
internal sealed class RoundDeadline : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider time;
    private readonly long started;
    private readonly CancellationTokenSource users;
    private readonly CancellationTokenSource server;
    private readonly CancellationTokenSource userClock;
    private readonly CancellationTokenSource serverClock;

    /// <param name="stop">Ends both at once.</param>
    public RoundDeadline(TimeSpan limit, TimeProvider time, CancellationToken stop)
    {
        this.time = time;
        started = time.GetTimestamp();
        userClock = new(limit, time);
        serverClock = new(limit + Grace, time);
        users = CancellationTokenSource.CreateLinkedTokenSource(stop, userClock.Token);
        server = CancellationTokenSource.CreateLinkedTokenSource(stop, serverClock.Token);
    }

    public CancellationToken ForUsers => users.Token;

    public CancellationToken ForServer => server.Token;

    public bool IsOver => userClock.IsCancellationRequested;

    public double ElapsedSeconds => time.GetElapsedTime(started).TotalSeconds;

    /// <summary>Tells users that are still at it to stop.</summary>
    public void GiveUp() => users.Cancel();

    public void Dispose()
    {
        users.Dispose();
        server.Dispose();
        userClock.Dispose();
        serverClock.Dispose();
    }
}
