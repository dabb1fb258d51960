using System.Collections.Immutable;
using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Grains.Rounds;

/// <summary>A round on the virtual clock, as known before it: whom to ask, and who would be too late. All in order of
/// id.</summary>
/// <param name="DeadlineSeconds">From the end of the wait; infinite: none.</param>
/// <param name="Asked">Indices into the spec of those who answer in time.</param>
/// <param name="Times">When they do.</param>
internal sealed record RoundSchedule(
    double StartSeconds, double WaitedSeconds, double DeadlineSeconds, IReadOnlyList<int> Asked,
    ImmutableArray<SimulatedUser> Times, ImmutableArray<SimulatedUser> Late)
{
    /// <summary>What those who are late answer.</summary>
    public IEnumerable<Answer> LateAnswers => Late.Select(user => Answer.Missing(
        user.User,
        FormattableString.Invariant($"late: its device needs {user.Seconds:0.###} s, ")
            + FormattableString.Invariant($"but round.simulatedDeadlineSeconds is {DeadlineSeconds}"),
        Outlook.Final));

    /// <summary>The round as it was. A server that waits for somebody late waits until the deadline: it cannot know
    /// better.</summary>
    /// <param name="tookPart">Ids of those whose answers count; others may have failed for real.</param>
    public SimulatedRound End(IEnumerable<string> tookPart)
    {
        var took = tookPart.ToHashSet();
        ImmutableArray<SimulatedUser> users = [.. Times.Where(user => took.Contains(user.User))];
        return new()
        {
            StartSeconds = StartSeconds,
            WaitedSeconds = WaitedSeconds,
            Seconds = WaitedSeconds + (Late.IsEmpty ? users.Max(user => user.Seconds) : DeadlineSeconds),
            Users = users,
            Late = Late,
        };
    }
}
