using System.Globalization;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using Spectre.Console;

namespace CoMiGS.Driver.Display;

/// <summary>The virtual clock of a plan: classes of devices, and how long their rounds would take.</summary>
internal static class DeviceTables
{
    /// <summary>Nothing where users have no devices.</summary>
    public static void Show(Terminal terminal, Plan plan)
    {
        foreach (var arm in plan.Arms)
        {
            if (arm.Devices is { } devices)
            {
                terminal.Console.Write(TableOf(arm.Arm, devices));
                terminal.Out.WriteLine(Sentence(arm.Arm, devices));
            }
        }
    }

    private static Table TableOf(string arm, PlannedDevices devices)
    {
        var table = new Table().Border(TableBorder.Simple)
            .Title(Markup.Escape($"Devices, {arm}"))
            .AddColumns(
                "class", "users", "FLOP/s", "down", "up", "latency", "available", "asked", "late", "simulated round",
                "slowest");
        foreach (var one in devices.Classes)
        {
            table.AddRow(
                Markup.Escape(one.Name.Length > 0 ? one.Name : "-"), $"{one.Users}",
                one.Flops.ToString("0.0e0", CultureInfo.InvariantCulture), Speed(one.DownBytesPerSecond),
                Speed(one.UpBytesPerSecond),
                string.Create(CultureInfo.InvariantCulture, $"{one.LatencySeconds:0.###} s"),
                Figures.Percent(one.AvailableShare), Figures.Count(one.Asked), Figures.Count(one.Late),
                Seconds(one.MedianSeconds), Seconds(one.SlowestSeconds));
        }

        return table;
    }

    private static string Sentence(string arm, PlannedDevices devices) => devices.Failure is { } failure
        ? $"{arm}: the run will fail. {failure}"
        : $"{arm}: a round takes {Seconds(devices.RoundSeconds)} of simulated time, "
            + $"the average of the first {devices.Rounds}.";

    private static string Speed(double bytesPerSecond) => $"{Figures.Bytes((long)bytesPerSecond)}/s";

    private static string Seconds(double? seconds) => seconds switch
    {
        null => "-",
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s"),
        _ => Figures.Duration(seconds.Value),
    };
}
