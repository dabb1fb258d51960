namespace CoMiGS.Grains.Rounds;

/// <summary>How long a round may take. Users have until the deadline; adding up what they sent has a moment
/// more. When the activation that runs the round has to leave, it only ceases to wait: users go on, and answer whoever
/// asks next from what they saved.</summary>
internal sealed class RoundDeadline : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    private readonly RunEnds ends;
    private readonly CancellationTokenSource users;
    private readonly CancellationTokenSource server;
    private readonly CancellationTokenSource userClock;
    private readonly CancellationTokenSource serverClock;
    private readonly CancellationTokenSource usersWait;
    private readonly CancellationTokenSource serverWait;

    public RoundDeadline(TimeSpan limit, TimeProvider time, RunEnds ends)
    {
        this.ends = ends;
        userClock = new(limit, time);
        serverClock = new(limit + Grace, time);
        users = CancellationTokenSource.CreateLinkedTokenSource(ends.Stopped, userClock.Token);
        server = CancellationTokenSource.CreateLinkedTokenSource(ends.Stopped, serverClock.Token);
        usersWait = CancellationTokenSource.CreateLinkedTokenSource(users.Token, ends.Left);
        serverWait = CancellationTokenSource.CreateLinkedTokenSource(server.Token, ends.Left);
    }

    /// <summary>Goes with the tickets.</summary>
    public CancellationToken ForUsers => users.Token;

    /// <summary>Goes with the order to average.</summary>
    public CancellationToken ForServer => server.Token;

    /// <summary>Ends waiting for users.</summary>
    public CancellationToken UsersWait => usersWait.Token;

    /// <summary>Ends waiting for the average.</summary>
    public CancellationToken ServerWait => serverWait.Token;

    public bool IsOver => userClock.IsCancellationRequested;

    public bool IsLeft => ends.Left.IsCancellationRequested;

    /// <summary>Tells users that are still at it to stop.</summary>
    public void GiveUp() => users.Cancel();

    public void Dispose()
    {
        usersWait.Dispose();
        serverWait.Dispose();
        users.Dispose();
        server.Dispose();
        userClock.Dispose();
        serverClock.Dispose();
    }
}
