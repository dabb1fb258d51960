using System.Diagnostics;
using CoMiGS.Grains.Telemetry;
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

/// <summary>Times one user's part of one round, and shows it as a span with a part for every stay in a phase. It is
/// always in exactly one phase, at first in <see cref="UserPhase.Queue"/>. Calls come one at a time, from any
/// thread.</summary>
public sealed class UserClock : IDisposable
{
    private static readonly string[] Names =
        [.. Enum.GetNames<UserPhase>().Select(name => name.ToLowerInvariant())];

    private readonly TimeProvider time;
    private readonly Activity? span;
    private readonly long started;
    private readonly TimeSpan[] spent = new TimeSpan[Names.Length];
    private UserPhase phase = UserPhase.Queue;
    private Activity? part;
    private long since;
    private bool answered;

    /// <param name="span">Of the user; ends with this.</param>
    public UserClock(TimeProvider time, Activity? span = null)
    {
        (this.time, this.span) = (time, span);
        part = Spans.StartPart(span, Names[(int)phase], span?.StartTimeUtc ?? default);
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
            var at = TimeProvider.System.GetUtcNow();   // one moment for both: parts leave no gaps
            Spans.StopPart(part, at);
            part = Spans.StartPart(span, Names[(int)phase], at);
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

    /// <summary>The user is about to answer.</summary>
    public void Answer(UserReceipt receipt)
    {
        answered = true;
        span?.SetTag("comigs.tokens", receipt.Tokens).SetTag("comigs.silo", receipt.Silo);
    }

    public void Dispose()
    {
        var at = TimeProvider.System.GetUtcNow();
        Spans.StopPart(part, at);
        if (!answered)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }

        span?.SetEndTime(at.UtcDateTime).Dispose();
    }
}
