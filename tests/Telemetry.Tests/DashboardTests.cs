using System.Text.Json;
using System.Text.RegularExpressions;
using CoMiGS.Driver.Tests;
using CoMiGS.Telemetry.Tests.Otlp;
using YamlDotNet.Serialization;

namespace CoMiGS.Telemetry.Tests;

/// <summary>Grafana's dashboards ask for nothing that is not there, and nothing that is there is forgotten.</summary>
public sealed partial class DashboardTests(OneSiloRun one) : IClassFixture<OneSiloRun>
{
    /// <summary>Of every series that Prometheus stores from OTLP, and of histograms.</summary>
    private static readonly string[] CommonLabels = ["instance", "job", "le"];

    private static readonly IReadOnlyDictionary<string, JsonElement> Dashboards = Directory
        .GetFiles(Repository.At("deploy/grafana/dashboards"), "*.json")
        .ToDictionary(file => Path.GetFileName(file), file => JsonDocument.Parse(File.ReadAllText(file)).RootElement);

    private static readonly IReadOnlyDictionary<string, string[]> OurLabels = CataloguedMetric.All
        .SelectMany(row => row.PrometheusNames.Select(name => (name, Labels: row.Attributes.Keys.ToArray())))
        .ToDictionary(series => series.name, series => series.Labels);

    public static TheoryData<string> Files => [.. Dashboards.Keys.Order()];

    private static string[] Queries => [.. Dashboards.Values.SelectMany(QueriesOf)];

    [Theory, MemberData(nameof(Files))]
    public void Query_OfADashboard_NamesMetricsAndLabelsThatExist(string file)
    {
        // The actors' own are sent by the official packages only; their labels are those of what arrives.
        var theirs = new[] { "System.Runtime", "Microsoft.Orleans" }
            .SelectMany(meter => one.Run.Receiver.MetricsOf(meter).Values)
            .SelectMany(metric => PrometheusName.Of(metric).Select(name => (name, Labels: LabelsOf(metric))))
            .ToDictionary(series => series.name, series => series.Labels);
        var isOfficial = one.Run.Receiver.MetricsOf("Microsoft.Orleans").Count > 0;

        Assert.All(QueriesOf(Dashboards[file]), query =>
        {
            var names = MetricName().Matches(query).Select(match => match.Value)
                .Where(name => isOfficial || !name.StartsWith("orleans_", StringComparison.Ordinal)).ToArray();
            Assert.All(names, name => Assert.True(OurLabels.ContainsKey(name) || theirs.ContainsKey(name), name));
            string[] labels =
                [.. CommonLabels, .. names.SelectMany(name => OurLabels.GetValueOrDefault(name) ?? theirs[name])];
            Assert.All(names.Length == 0 ? [] : LabelsIn(query), label => Assert.Contains(label, labels));
        });
    }

    [Fact]
    public void Metric_OfTheCatalogue_IsOnADashboard()
    {
        var shown = Queries.SelectMany(query => MetricName().Matches(query)).Select(match => match.Value).ToHashSet();

        Assert.All(CataloguedMetric.All, row => Assert.True(row.PrometheusNames.Any(shown.Contains), row.Name));
    }

    [Fact]
    public void Phases_OfAUser_AreWhatALegendShows() => Assert.Equal(
        3, Queries.Count(query =>
            query.Contains("comigs_user_phase_duration_seconds_bucket", StringComparison.Ordinal)
            && query.Contains("by (le, phase)", StringComparison.Ordinal)));

    [Theory, MemberData(nameof(Files))]
    public void Dashboard_AsksDataSourcesThatAreProvisioned(string file)
    {
        var sources = new DeserializerBuilder().IgnoreUnmatchedProperties().Build()
            .Deserialize<Dictionary<string, object>>(
                File.ReadAllText(Repository.At("deploy/grafana/provisioning/datasources/comigs.yml")));
        var provisioned = ((List<object>)sources["datasources"])
            .Select(source => (string)((Dictionary<object, object>)source)["uid"]).ToArray();

        var asked = PanelsOf(Dashboards[file]).SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("datasource").GetProperty("uid").GetString());
        Assert.All(asked, uid => Assert.Contains(uid, provisioned));
        Assert.Equal(
            $"comigs-{Path.GetFileNameWithoutExtension(file)}", Dashboards[file].GetProperty("uid").GetString());
    }

    private static JsonElement.ArrayEnumerator PanelsOf(JsonElement dashboard) =>
        dashboard.GetProperty("panels").EnumerateArray();

    private static string[] QueriesOf(JsonElement dashboard) =>
    [
        .. PanelsOf(dashboard).SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Where(target => target.TryGetProperty("expr", out _))
            .Select(target => $"{target.GetProperty("expr")} {target.GetProperty("legendFormat")}"),
        .. dashboard.GetProperty("templating").GetProperty("list").EnumerateArray()
            .Where(variable => variable.GetProperty("type").GetString() == "query")
            .Select(variable => variable.GetProperty("query").GetProperty("query").GetString()!),
    ];

    /// <summary>{label=…}, by (label, …), and {{label}} of a legend.</summary>
    private static IEnumerable<string> LabelsIn(string query) => Matcher().Matches(query)
        .Concat(Legend().Matches(query)).Select(match => match.Groups[1].Value)
        .Concat(Grouping().Matches(query).SelectMany(match => match.Groups[1].Value.Split(", ")));

    private static string[] LabelsOf(Metric metric) =>
    [
        .. (metric.DataCase switch
        {
            Metric.DataOneofCase.Histogram => metric.Histogram.DataPoints.SelectMany(point => point.Attributes),
            Metric.DataOneofCase.Sum => metric.Sum.DataPoints.SelectMany(point => point.Attributes),
            _ => metric.Gauge.DataPoints.SelectMany(point => point.Attributes),
        }).Select(attribute => attribute.Key.Replace('.', '_')),
    ];

    [GeneratedRegex(@"\b(?:comigs|dotnet|orleans)_[a-z0-9_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"[{,]\s*([a-z_]+)(?:=|!)")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\{\{([a-z_]+)\}\}")]
    private static partial Regex Legend();

    [GeneratedRegex(@"by \(([a-z_, ]+)\)")]
    private static partial Regex Grouping();
}
