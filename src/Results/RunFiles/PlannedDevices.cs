using System.Collections.Immutable;
using CoMiGS.Grains.Rounds;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Learning.Model;

namespace CoMiGS.Results.RunFiles;

/// <summary>An arm on the virtual clock: its own first rounds, exactly as they will be if no user fails.</summary>
/// <param name="Rounds">That the figures are of.</param>
/// <param name="RoundSeconds">A round on average, waiting included; NaN without a round.</param>
/// <param name="Failure">Why the run will fail, if it will fail within these rounds.</param>
internal sealed record PlannedDevices(
    ImmutableArray<PlannedClass> Classes, int Rounds, double RoundSeconds, string? Failure)
{
    private const int MostRounds = 100;

    /// <summary>Null: users have no devices.</summary>
    public static PlannedDevices? Of(RunSpec spec, ModelShape model)
    {
        var users = spec.Users.Where(user => user.Device is not null).ToArray();
        if (users.Length == 0)
        {
            return null;
        }

        var (rounds, failure) = Forecast(spec, model);
        var classes = users.GroupBy(user => user.Device!.Class).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => PlannedClass.Of(group.Key, [.. group], rounds));
        return new(
            [.. classes], rounds.Count,
            rounds.Select(round => round.Seconds).DefaultIfEmpty(double.NaN).Average(), failure);
    }

    private static (List<SimulatedRound> Rounds, string? Failure) Forecast(RunSpec spec, ModelShape model)
    {
        var rounds = new List<SimulatedRound>();
        try
        {
            rounds.AddRange(RoundForecast.Of(spec, model).Take(MostRounds));
            return (rounds, null);
        }
        catch (RoundFailedException failed)
        {
            return (rounds, failed.Message);
        }
    }
}

/// <summary>A class of devices: medians over its users.</summary>
/// <param name="AvailableShare">Of all time, in [0, 1].</param>
/// <param name="Asked">How often its users are drawn for a round.</param>
/// <param name="Late">How often of these they would miss the deadline.</param>
/// <param name="MedianSeconds">From ticket to answer; null when none of them is drawn.</param>
internal sealed record PlannedClass(
    string Name, int Users, double Flops, double DownBytesPerSecond, double UpBytesPerSecond, double LatencySeconds,
    double AvailableShare, int Asked, int Late, double? MedianSeconds, double? SlowestSeconds)
{
    private const double HoursOfADay = 24;

    public static PlannedClass Of(string name, IReadOnlyList<UserSpec> users, IReadOnlyList<SimulatedRound> rounds)
    {
        var ids = users.Select(user => user.Id).ToHashSet();
        var late = rounds.SelectMany(round => round.Late).Where(user => ids.Contains(user.User)).ToArray();
        var inTime = rounds.SelectMany(round => round.Users).Where(user => ids.Contains(user.User));
        double[] seconds = [.. inTime.Concat(late).Select(user => user.Seconds)];
        return new(
            name, users.Count, Median(device => device.Flops), Median(device => device.DownBytesPerSecond),
            Median(device => device.UpBytesPerSecond), Median(device => device.LatencySeconds),
            users.Average(user => user.Device!.Availability * int.PopCount(user.Device.Hours) / HoursOfADay),
            seconds.Length, late.Length, seconds.Length > 0 ? MedianOf(seconds) : null,
            seconds.Length > 0 ? seconds.Max() : null);

        double Median(Func<DeviceSpec, double> figure) => MedianOf([.. users.Select(user => figure(user.Device!))]);
    }

    private static double MedianOf(IReadOnlyCollection<double> figures) => figures.Order().ElementAt(figures.Count / 2);
}
