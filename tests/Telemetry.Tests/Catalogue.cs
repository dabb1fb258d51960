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

    public IEnumerable<string> PrometheusNames => PrometheusName.Of(Name, Unit, Instrument);

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
