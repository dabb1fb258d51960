using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Data;

namespace CoMiGS.Grains.Rounds;

/// <summary>Whether a device is available in a round that begins in an hour of the virtual clock.</summary>
internal static class Availability
{
    public const double HourSeconds = 3600;
    private const int HoursOfADay = 24;

    private static readonly ulong Purpose = Randomness.Key("availability");

    /// <param name="userKey">Of the user's id.</param>
    /// <param name="hour">Since the run's start.</param>
    public static bool Has(DeviceSpec device, ulong userKey, ulong seed, int round, long hour) =>
        (device.Hours >> (int)(hour % HoursOfADay) & 1) != 0
        && Randomness.Uniform(seed, Purpose, (ulong)round, (ulong)hour, userKey) < device.Availability;
}
