using System.Collections.Immutable;
using CoMiGS.Dashboard.Following;

namespace CoMiGS.Dashboard.Views;

/// <summary>Where the users of one round spent their time: first who did not take part, then the slowest first.
/// </summary>
/// <param name="Total">Users, of whom <paramref name="Rows"/> are those from <paramref name="Offset"/> on.</param>
/// <param name="Longest">Of all users with a time, on the arm's clock; null: there is none.</param>
internal sealed record WaterfallView(
    int Round, int Total, int Offset, double? Longest, ImmutableArray<WaterfallRow> Rows)
{
    /// <param name="count">Rows wanted.</param>
    public static WaterfallView Of(ArmLog log, RoundFigures round, int offset, int count)
    {
        var seconds = round.UserSimulatedSeconds ?? round.UserSeconds;
        var order = Enumerable.Range(0, round.Users.Length)
            .OrderByDescending(place => seconds[place]).ThenBy(place => place).ToArray();
        var absent = AbsentFrom(round).ToArray();
        var late = round.Late.ToDictionary(user => user.Id, user => user.Seconds);
        var surplus = round.Surplus.ToDictionary(user => user.Id, user => user.Seconds);
        var faults = round.Faults.Where(fault => fault.User is not null).ToLookup(fault => fault.User!);
        var rows = Enumerable.Range(offset, Math.Max(0, Math.Min(count, absent.Length + order.Length - offset)))
            .Select(index => index < absent.Length ? Absent(absent[index]) : Present(order[index - absent.Length]));
        var all = seconds.Select(length => (double)length).Concat(late.Values).Concat(surplus.Values).ToArray();
        return new(round.Round, absent.Length + order.Length, offset, all.Length == 0 ? null : all.Max(), [.. rows]);

        WaterfallRow Absent(string user) => new(
            user, late.TryGetValue(user, out var needed) || surplus.TryGetValue(user, out needed) ? needed : null, null,
            null, late.ContainsKey(user) ? "late" : surplus.ContainsKey(user) ? "surplus" : "missing", FaultOf(user));

        WaterfallRow Present(int place)
        {
            var user = log.Users[round.Users[place]].Id;
            return new(
                user, seconds[place], round.PhasesAt(place), round.Losses[place], "took part", FaultOf(user));
        }

        string? FaultOf(string user) => faults[user].FirstOrDefault() is { } fault
            ? string.Join(": ", new[] { fault.Kind, fault.Detected }.Where(part => part is not null))
            : null;
    }

    /// <summary>A part of the rows where there are too many: of those who did not take part, and of the slowest, half
    /// each or as many as there are.</summary>
    public static WaterfallView ExtractOf(ArmLog log, RoundFigures round, int count)
    {
        var absent = AbsentFrom(round).Count();
        var shown = Math.Min(absent, Math.Max(count / 2, count - round.Users.Length));
        var first = Of(log, round, offset: 0, shown);
        return first with { Rows = [.. first.Rows, .. Of(log, round, absent, count - shown).Rows] };
    }

    private static IEnumerable<string> AbsentFrom(RoundFigures round) =>
        round.Missing.Concat(round.Surplus.Select(user => user.Id));
}

/// <param name="Seconds">On the arm's clock; null: it never answered.</param>
/// <param name="Phases">In the order of <see cref="RoundFigures.PhaseNames"/>, on the wall's clock; null where the file
/// does not tell.</param>
/// <param name="State">took part, late, surplus or missing.</param>
internal sealed record WaterfallRow(
    string Id, double? Seconds, double[]? Phases, double? Loss, string State, string? Fault);
