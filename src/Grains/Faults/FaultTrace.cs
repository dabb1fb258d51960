using System.Collections.Immutable;
using CoMiGS.Grains.Rounds;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Grains.Faults;

/// <summary>What went wrong in one round: what the plan did to those drawn, and how the round noticed.</summary>
internal sealed class FaultTrace(FaultPlan plan, int round, TimeProvider time)
{
    private readonly long started = time.GetTimestamp();
    private readonly Dictionary<string, Notice> users = [];
    private Notice? server;
    private Notice? loss;

    /// <summary>A user's answer did not come, or will not.</summary>
    public void NoticeUser(Answer missing)
    {
        var notice = NoticeOf(missing.Reason!);
        users.TryAdd(missing.User, notice);
        loss ??= missing.Outlook == Outlook.Lost ? notice : null;
    }

    /// <summary>A user handed in more than once.</summary>
    public void NoticeRepeated(string user) => users.TryAdd(user, NoticeOf("its second upload was ignored"));

    /// <summary>The average did not come.</summary>
    public void NoticeServer(string reason) => server ??= NoticeOf(reason);

    /// <summary>All of it, in order of user id and kind; the server's and silos' first.</summary>
    /// <param name="drawn">Ids of the users drawn, in order.</param>
    /// <param name="schedule">Null: there is no virtual clock.</param>
    public ImmutableArray<FaultRecord> Of(IEnumerable<string> drawn, RoundSchedule? schedule)
    {
        var against = schedule?.ReasonsAgainst() ?? [];
        return [.. OfServer(), .. drawn.SelectMany(user => OfUser(user, against.GetValueOrDefault(user)))];
    }

    private IEnumerable<FaultRecord> OfServer()
    {
        var died = plan.DeadSilos(round).Except(round > 0 ? plan.DeadSilos(round - 1) : new HashSet<int>());
        foreach (var _ in died)
        {
            yield return new(null, FaultKind.KillSilo, loss?.Reason, loss?.Seconds);
        }

        var planned = plan.Has(FaultKind.LoseAggregator, round);
        if (planned || server is not null)
        {
            yield return new(null, planned ? FaultKind.LoseAggregator : null, server?.Reason, server?.Seconds);
        }
    }

    /// <param name="against">Why its answer was not waited for; null: it was.</param>
    private IEnumerable<FaultRecord> OfUser(string user, string? against)
    {
        var isPlanned = false;
        var notice = users.GetValueOrDefault(user);
        FaultKind[] planned = [.. plan.Of(round, user)];
        foreach (var kind in planned.Where(kind => !planned.Any(other => other.Forestalls(kind))))
        {
            if (kind.TakesTime())
            {
                yield return new(user, kind, against, null);
            }
            else if (against is null)
            {
                isPlanned = true;
                yield return new(user, kind, notice?.Reason, notice?.Seconds);
            }
        }

        if (!isPlanned && notice is not null)
        {
            yield return new(user, null, notice.Reason, notice.Seconds);
        }
    }

    private Notice NoticeOf(string reason) => new(reason, time.GetElapsedTime(started).TotalSeconds);

    private sealed record Notice(string Reason, double Seconds);
}
