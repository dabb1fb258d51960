using System.Collections.Immutable;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;
using CoMiGS.Learning.Data;

namespace CoMiGS.Results.RunFiles;

/// <summary>Which device each user has: its row of a table, or a draw from (seed, user).</summary>
internal sealed class DeviceProfiles
{
    private static readonly ulong Purpose = Randomness.Key("device");

    private readonly DevicesSection section;
    private readonly ulong seed;
    private readonly DeviceTable? table;

    /// <exception cref="BadInputException">The table cannot be used.</exception>
    public DeviceProfiles(DevicesSection section, ulong seed)
    {
        (this.section, this.seed) = (section, seed);
        table = section.File is { } file ? DeviceTable.Read(file) : null;
    }

    /// <param name="path">Of the run file.</param>
    /// <exception cref="BadInputException">The section leaves something open, or a text in it means nothing.
    /// </exception>
    public static void Check(DevicesSection section, string path)
    {
        if (section.File is null == section.Classes is null)
        {
            throw new BadInputException($"{path}: 'devices' must have either 'file' or 'classes'.");
        }

        if (section.Classes is { IsEmpty: true })
        {
            throw new BadInputException($"{path}: 'devices.classes' is empty, but must have at least one class.");
        }

        foreach (var (name, kind) in section.Classes ?? ImmutableSortedDictionary<string, DeviceClass>.Empty)
        {
            var key = $"devices.classes.{name}";
            RequireGiven($"{key}.flops", kind.Flops, "FLOP/s");
            RequireGiven($"{key}.downBytesPerSecond", kind.DownBytesPerSecond, "bytes a second");
            RequireGiven($"{key}.upBytesPerSecond", kind.UpBytesPerSecond, "bytes a second");
            if (AvailabilityText.Parse(kind.Availability) is null)
            {
                throw new BadInputException(
                    $"{path}: '{key}.availability' is '{kind.Availability}', but must be {AvailabilityText.Wanted}.");
            }
        }

        void RequireGiven(string key, double? value, string unit)
        {
            if (value is null)
            {
                throw new BadInputException($"{path}: '{key}' is missing; it must be a number, {unit}.");
            }
        }
    }

    /// <exception cref="BadInputException">The table has no row for the user.</exception>
    public DeviceSpec Of(string user)
    {
        if (table is not null)
        {
            return table.Of(user);
        }

        var random = Randomness.Of(seed, Purpose, Randomness.Key(user));
        var (name, kind) = Draw(random, section.Classes!);
        var (probability, hours) = AvailabilityText.Parse(kind.Availability)!.Value;
        return new()
        {
            Class = name,
            Flops = kind.Flops!.Value * Factor(),
            DownBytesPerSecond = kind.DownBytesPerSecond!.Value * Factor(),
            UpBytesPerSecond = kind.UpBytesPerSecond!.Value * Factor(),
            LatencySeconds = kind.LatencySeconds,
            Availability = probability,
            Hours = hours,
        };

        double Factor() => Math.Exp(kind.Spread * random.NextNormal());
    }

    private static KeyValuePair<string, DeviceClass> Draw(
        Randomness random, ImmutableSortedDictionary<string, DeviceClass> classes)
    {
        var left = random.NextDouble() * classes.Values.Sum(kind => kind.Share);
        return classes.FirstOrDefault(kind => (left -= kind.Value.Share) < 0, classes.Last());
    }
}
