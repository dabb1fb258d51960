using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Users;

/// <summary>What a user does with its part of a round.</summary>
public enum UserPhase
{
    Queue,
    Load,
    Train,
    Router,
    Save,
    Upload,
}

/// <summary>Times one user's part of one round. It is always in exactly one phase, at first in
/// <see cref="UserPhase.Queue"/>. Calls come one at a time, from any thread.</summary>
public sealed class UserClock
{
    private readonly TimeProvider time;
    private readonly long started;
    private readonly TimeSpan[] spent = new TimeSpan[Enum.GetValues<UserPhase>().Length];
    private UserPhase phase = UserPhase.Queue;
    private long since;

    public UserClock(TimeProvider time)
    {
        this.time = time;
        started = since = time.GetTimestamp();
    }

    /// <summary>Goes on in a phase; being there already is no change.</summary>
    public void Enter(UserPhase next)
    {
        if (next != phase)
        {
            var now = time.GetTimestamp();
            spent[(int)phase] += time.GetElapsedTime(since, now);
            (phase, since) = (next, now);
        }
    }

    /// <summary>The receipt with the time until now.</summary>
    public UserReceipt Stamp(UserReceipt receipt)
    {
        var now = time.GetTimestamp();
        return receipt with
        {
            ElapsedSeconds = time.GetElapsedTime(started, now).TotalSeconds,
            Phases = new(
                In(UserPhase.Queue), In(UserPhase.Load), In(UserPhase.Train), In(UserPhase.Router),
                In(UserPhase.Save), In(UserPhase.Upload)),
        };

        double In(UserPhase which) =>
            (spent[(int)which] + (which == phase ? time.GetElapsedTime(since, now) : TimeSpan.Zero)).TotalSeconds;
    }
}
