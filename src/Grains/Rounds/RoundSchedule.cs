using System.Collections.Immutable;
using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Grains.Rounds;

/// <summary>A round on the virtual clock, as known before it: whom to ask, and who would be too late. All in order of
/// id.</summary>
internal sealed record RoundSchedule
{
    public required double StartSeconds { get; init; }

    public required double WaitedSeconds { get; init; }

    /// <summary>From the end of the wait; infinite: none.</summary>
    public required double DeadlineSeconds { get; init; }

    /// <summary>Answers with which the round is complete.</summary>
    public required int Wanted { get; init; }

    /// <summary>Whose answers are waited for, and who will not answer: indices into the spec.</summary>
    public required IReadOnlyList<int> Asked { get; init; }

    /// <summary>When the answers come that are waited for.</summary>
    public required ImmutableArray<SimulatedUser> Times { get; init; }

    /// <summary>Who would answer after the deadline.</summary>
    public required ImmutableArray<SimulatedUser> Late { get; init; }

    /// <summary>Who would answer in time, but after enough others.</summary>
    public required ImmutableArray<SimulatedUser> Surplus { get; init; }

    /// <summary>What those who are late answer.</summary>
    public IEnumerable<Answer> LateAnswers =>
        Late.Select(user => Answer.Missing(user.User, LateBy(user), Outlook.Final));

    /// <summary>The round as it was. A server that does not get enough answers waits until the deadline: it cannot know
    /// better.</summary>
    /// <param name="tookPart">Ids of those whose answers count; others may have failed for real.</param>
    public SimulatedRound End(IEnumerable<string> tookPart)
    {
        var took = tookPart.ToHashSet();
        ImmutableArray<SimulatedUser> users = [.. Times.Where(user => took.Contains(user.User))];
        var last = users.IsEmpty ? 0 : users.Max(user => user.Seconds);
        var waitsOn = users.Length < Wanted && double.IsFinite(DeadlineSeconds);
        return new()
        {
            StartSeconds = StartSeconds,
            WaitedSeconds = WaitedSeconds,
            Seconds = WaitedSeconds + (waitsOn ? DeadlineSeconds : last),
            Users = users,
            Late = Late,
            Surplus = Surplus,
        };
    }

    /// <summary>Whose answers are not waited for, and why.</summary>
    public Dictionary<string, string> ReasonsAgainst()
    {
        var reasons = Late.ToDictionary(late => late.User, LateBy);
        foreach (var surplus in Surplus)
        {
            reasons.Add(surplus.User, "enough others had answered");
        }

        return reasons;
    }

    private string LateBy(SimulatedUser user) =>
        FormattableString.Invariant($"late: its device needs {user.Seconds:0.###} s, ")
        + FormattableString.Invariant($"but round.simulatedDeadlineSeconds is {DeadlineSeconds}");
}
