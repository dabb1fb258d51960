using System.Collections.Immutable;
using CoMiGS.Dashboard.Following;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Dashboard.Views;

/// <summary>A part of an arm's users, in the order and with the ids that were asked for.</summary>
/// <param name="Total">Users that fit, of whom <paramref name="Rows"/> are those from <paramref name="Offset"/> on.
/// </param>
internal sealed record UsersView(int Total, int Offset, ImmutableArray<UserRow> Rows)
{
    /// <param name="search">Part of an id; empty: all.</param>
    /// <param name="sort">id, perplexity, loss, seconds, rounds or missed; anything else is id.</param>
    public static UsersView Of(
        ArmLog log, string search, string sort, bool isDescending, int offset, int count)
    {
        var fitting = Enumerable.Range(0, log.Users.Count).Where(index => search.Length == 0
            || log.Users[index].Id.Contains(search, StringComparison.OrdinalIgnoreCase));
        Func<int, double>? key = sort switch
        {
            "perplexity" => index => log.TotalsOf(index).Perplexity,
            "loss" => index => log.TotalsOf(index).Loss,
            "seconds" => index => log.TotalsOf(index).Seconds,
            "rounds" => index => log.TotalsOf(index).Rounds,
            "missed" => index => log.TotalsOf(index).Missed,
            _ => null,
        };

        // Who has no such figure comes last either way.
        var ordered = (key is null
            ? isDescending ? fitting.Reverse() : fitting
            : fitting.OrderBy(index => double.IsNaN(key(index)))
                .ThenBy(index => isDescending ? -key(index) : key(index)).ThenBy(index => index)).ToArray();
        return new(
            ordered.Length, offset,
            [.. ordered.Skip(offset).Take(count).Select(index => UserRow.Of(log, index))]);
    }
}

/// <param name="Data">Name of the folder with its texts.</param>
/// <param name="Device">Its kind; null where users have none.</param>
/// <param name="Perplexities">Whenever measured, the last of them, for a small line.</param>
internal sealed record UserRow(
    string Id, int Experts, int MlpRank, int AttentionRank, string Data, string? Device, bool Trains, int Rounds,
    int Missed, double Loss, double Perplexity, double Seconds, ImmutableArray<float> Perplexities)
{
    private const int LengthOfLine = 60;

    public static UserRow Of(ArmLog log, int index)
    {
        var (user, totals) = (log.Users[index], log.TotalsOf(index));
        return new(
            user.Id, user.Experts, user.MlpRank, user.AttentionRank, DataOf(user), user.Device?.Class, user.Trains,
            totals.Rounds, totals.Missed, totals.Loss, totals.Perplexity, totals.Seconds,
            [.. totals.Perplexities.TakeLast(LengthOfLine)]);
    }

    /// <summary>Shards lie in the folder with the user's name for its texts.</summary>
    private static string DataOf(UserSpec user) => string.Join(
        ", ", user.Train.Select(text => Path.GetFileName(Path.GetDirectoryName(text.Shard)) ?? "").Distinct());
}

/// <summary>All there is to know about a user.</summary>
/// <param name="Share">Part of its folder's train text that it has.</param>
/// <param name="History">Of every round it was in, in order.</param>
internal sealed record UserCard(
    UserRow User, double Share, int LocalSteps, int MicroBatch, double Weight, ImmutableArray<string> Targets,
    DeviceSpec? Device, string? Availability, ImmutableArray<UserRound> History)
{
    public static UserCard Of(ArmLog log, int index)
    {
        var user = log.Users[index];
        return new(
            UserRow.Of(log, index), user.Train.Sum(text => text.Share) / user.Train.Length, user.LocalSteps,
            user.MicroBatch * user.Accumulation, user.Weight, [.. user.Targets.Select(target => target.Name)],
            user.Device, user.Device is { } device ? Hours(device) : null,
            [.. log.Rounds.Select(round => UserRound.Of(round, index, user.Id)).OfType<UserRound>()]);
    }

    private static string Hours(DeviceSpec device)
    {
        var hours = System.Numerics.BitOperations.PopCount((uint)device.Hours);
        return FormattableString.Invariant($"{device.Availability:0.##} in {hours} hours of a day");
    }
}

/// <param name="State">took part, late or missing.</param>
internal sealed record UserRound(
    int Round, string State, double? Loss, double? Perplexity, double? Seconds, double[]? Phases, string? Fault)
{
    /// <summary>Null: the round had nothing to do with the user.</summary>
    public static UserRound? Of(RoundFigures round, int index, string id)
    {
        var fault = round.Faults.FirstOrDefault(fault => fault.User == id);
        var what = fault is null ? null : fault.Detected ?? fault.Kind;
        if (round.PlaceOf(index) is >= 0 and var place)
        {
            var seconds = (round.UserSimulatedSeconds ?? round.UserSeconds)[place];
            return new(
                round.Round, "took part", round.Losses[place], Finite(round.Perplexities[place]), seconds,
                round.PhasesAt(place), what);
        }

        return round.Missing.Contains(id)
            ? new(
                round.Round, round.Late.Any(user => user.Id == id) ? "late" : "missing", null, null, null, null, what)
            : null;
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
