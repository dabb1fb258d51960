using System.Globalization;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Results.RunFiles;

/// <summary>When a device is available, as people write it: a probability such as 0.8, drawn anew for every round, or
/// the hours of every virtual day, such as 22-6 or 7-9 19-23; the end does not count.</summary>
internal static class AvailabilityText
{
    public const string Wanted = "a probability from 0 to 1, or hours of the day such as 22-6 or 7-9 19-23";

    private const int HoursOfADay = 24;

    /// <returns>See <see cref="DeviceSpec"/>; null: not such a text.</returns>
    public static (double Probability, int Hours)? Parse(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var probability))
        {
            return probability is >= 0 and <= 1 ? (probability, DeviceSpec.AllHours) : null;
        }

        var hours = 0;
        foreach (var range in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (range.Split('-') is not [var first, var end] || HourOf(first) is not { } from
                || HourOf(end) is not { } to || from == HoursOfADay || from == to)
            {
                return null;
            }

            for (var hour = from; hour != to % HoursOfADay; hour = (hour + 1) % HoursOfADay)
            {
                hours |= 1 << hour;
            }

            hours |= to - from == HoursOfADay ? DeviceSpec.AllHours : 0;
        }

        return hours == 0 ? null : (1, hours);
    }

    private static int? HourOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var hour) && hour <= HoursOfADay
            ? hour
            : null;
}
