using System.Diagnostics;
using CoMiGS.Grains.Users;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Grains.Telemetry;

/// <summary>The spans of a round, one trace each: round → user → queue, load, train, router, save, upload; round →
/// aggregate → sum, one a silo, linked to the users in it; round → measure, commit. Between grains stand the runtime's
/// own spans of calls. METRICS.md tells their attributes.</summary>
public static class Spans
{
    public const string SourceName = "CoMiGS";
    public const string Round = "round";
    public const string User = "user";
    public const string Sum = "sum";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A trace of its own: not part of whatever call happened to wake the run.</summary>
    internal static Activity? StartRound(RunSpec spec, int round)
    {
        Activity.Current = null;
        return Source.StartActivity(Round)?
            .SetTag("comigs.experiment", spec.Experiment)
            .SetTag("comigs.method", spec.Method)
            .SetTag("comigs.round", round);
    }

    internal static Activity? StartUser(UserKey key, RoundTicket ticket) => Source.StartActivity(User)?
        .SetTag("comigs.experiment", key.Experiment)
        .SetTag("comigs.user", key.User)
        .SetTag("comigs.round", ticket.Round)
        .SetTag("comigs.attempt", ticket.Attempt);

    /// <summary>A part of another span. It does not become the current one, so it may be started and stopped by
    /// different threads.</summary>
    internal static Activity? StartPart(Activity? whole, string name, DateTimeOffset from)
    {
        if (whole is null)
        {
            return null;
        }

        var current = Activity.Current;
        var part = Source.StartActivity(name, ActivityKind.Internal, whole.Context, startTime: from);
        Activity.Current = current;
        return part;
    }

    /// <summary>Stopping a span makes the one before it current, which nobody asks a part for.</summary>
    internal static void StopPart(Activity? part, DateTimeOffset at)
    {
        var current = Activity.Current;
        part?.SetEndTime(at.UtcDateTime).Dispose();
        Activity.Current = current;
    }

    /// <summary>A step of what is under way.</summary>
    internal static Activity? StartStep(string name) => Source.StartActivity(name);

    /// <summary>A silo's sum, made of what arrived by other calls.</summary>
    internal static Activity? StartSum(int round, IEnumerable<ActivityContext> arrivals) => Source.StartActivity(
        Sum, ActivityKind.Internal, default(ActivityContext), [new("comigs.round", round)],
        arrivals.Select(arrival => new ActivityLink(arrival)));
}
