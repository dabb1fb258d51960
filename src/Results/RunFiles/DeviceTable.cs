using System.Globalization;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;
using CoMiGS.Learning.Data;

namespace CoMiGS.Results.RunFiles;

/// <summary>Devices from a CSV file: columns user, flops, upBytesPerSecond, downBytesPerSecond, and optionally
/// latencySeconds, availability and class. Users that are not in the run may be in the file.</summary>
internal sealed class DeviceTable
{
    private const string User = "user";

    private static readonly string[] Required = [User, "flops", "upBytesPerSecond", "downBytesPerSecond"];
    private static readonly string[] Optional = ["latencySeconds", "availability", "class"];

    private readonly string path;
    private readonly Dictionary<string, DeviceSpec> devices = [];

    private DeviceTable(string path) => this.path = path;

    /// <exception cref="BadInputException">The first thing that is wrong; names line, column, value and limit.
    /// </exception>
    public static DeviceTable Read(string path)
    {
        using var csv = CsvTable.Open(path, ",");
        string[] known = [.. Required, .. Optional];
        if (csv.Header.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw new BadInputException(
                $"{path}:1: the column '{unknown}' is not known; there may be {string.Join(", ", known)}.");
        }

        Array.ForEach(Required, column => csv.RequireColumn(column));
        var table = new DeviceTable(path);
        foreach (var row in csv.Rows())
        {
            var cells = new Cells(csv, row);
            var user = cells.Require(User);
            if (!table.devices.TryAdd(user, cells.Device()))
            {
                throw new BadInputException($"{row.Where}: '{User}' is '{user}', who has a row already.");
            }
        }

        return table;
    }

    /// <exception cref="BadInputException">There is no row for the user.</exception>
    public DeviceSpec Of(string user) => devices.GetValueOrDefault(user)
        ?? throw new BadInputException($"{path}: user '{user}' of the run has no row.");

    private sealed class Cells(CsvTable table, CsvRow row)
    {
        public DeviceSpec Device()
        {
            var availability = At("availability") ?? "1";
            var (probability, hours) = AvailabilityText.Parse(availability)
                ?? throw Wrong("availability", availability, AvailabilityText.Wanted);
            return new()
            {
                Class = At("class") ?? "",
                Flops = Number("flops", Require("flops"), DeviceClass.LeastFlops, DeviceClass.MostFlops),
                DownBytesPerSecond = Bytes("downBytesPerSecond"),
                UpBytesPerSecond = Bytes("upBytesPerSecond"),
                LatencySeconds = Number("latencySeconds", At("latencySeconds") ?? "0", 0, DeviceClass.MostLatency),
                Availability = probability,
                Hours = hours,
            };
        }

        public string Require(string column) =>
            At(column) ?? throw new BadInputException($"{row.Where}: the field '{column}' is empty.");

        private double Bytes(string column) =>
            Number(column, Require(column), DeviceClass.LeastBytes, DeviceClass.MostBytes);

        private double Number(string column, string text, double least, double most) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most
                ? number
                : throw Wrong(column, text, FormattableString.Invariant($"a number from {least} to {most}"));

        private BadInputException Wrong(string column, string value, string wanted) =>
            new($"{row.Where}: '{column}' is '{value}', but must be {wanted}.");

        private string? At(string column) => row.At(table.ColumnOf(column))?.Trim();
    }
}
