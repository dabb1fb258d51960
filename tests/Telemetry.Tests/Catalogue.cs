using System.Text.RegularExpressions;
using CoMiGS.Driver.Tests;

namespace CoMiGS.Telemetry.Tests;

/// <summary>A row of the table in METRICS.md.</summary>
/// <param name="Attributes">By key; the values it may have, none where they are not listed.</param>
internal sealed partial record CataloguedMetric(
    string Name, string Instrument, string Unit, IReadOnlyDictionary<string, string[]> Attributes, string Description)
{
    public static IReadOnlyList<CataloguedMetric> All { get; } =
        [.. Row().Matches(File.ReadAllText(Repository.At("METRICS.md"))).Select(Of)];

    /// <summary>Names under which Prometheus' OTLP receiver stores it: dots become underscores, the unit and a
    /// counter's total are appended, and a histogram is several series.</summary>
    public IEnumerable<string> PrometheusNames
    {
        get
        {
            var unit = Unit switch
            {
                "s" => "_seconds",
                "By" => "_bytes",
                "1" when Instrument == "gauge" => "_ratio",
                _ => "",
            };
            var name = Name.Replace('.', '_') + unit;
            return Instrument switch
            {
                "histogram" => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
                "counter" => [$"{name}_total"],
                _ => [name],
            };
        }
    }

    private static CataloguedMetric Of(Match row)
    {
        var attributes = row.Groups["attributes"].Value
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(attribute => attribute.Split(": "))
            .ToDictionary(parts => parts[0], parts => parts.Length > 1 ? parts[1].Split(", ") : []);
        return new(
            row.Groups["name"].Value, row.Groups["instrument"].Value, row.Groups["unit"].Value, attributes,
            row.Groups["what"].Value);
    }

    [GeneratedRegex(
        @"^\| `(?<name>comigs\.[a-z.]+)` \| (?<instrument>\w+) \| (?<unit>\S+) \|(?<attributes>[^|]*)"
            + @"\| (?<what>[^|]+) \|$",
        RegexOptions.Multiline)]
    private static partial Regex Row();
}
