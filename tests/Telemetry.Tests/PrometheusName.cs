using CoMiGS.Telemetry.Tests.Otlp;

namespace CoMiGS.Telemetry.Tests;

/// <summary>Names under which Prometheus' OTLP receiver stores a metric by default: what is no letter becomes an
/// underscore, the unit and a counter's total are appended, and a histogram is several series.</summary>
internal static class PrometheusName
{
    /// <param name="kind">counter, updowncounter, gauge or histogram.</param>
    public static IEnumerable<string> Of(string name, string unit, string kind)
    {
        var whole = name.Replace('.', '_').Replace('-', '_') + unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "1" when kind == "gauge" => "_ratio",
            _ => "",
        };
        return kind switch
        {
            "histogram" => [$"{whole}_bucket", $"{whole}_sum", $"{whole}_count"],
            "counter" => [$"{whole}_total"],
            _ => [whole],
        };
    }

    public static IEnumerable<string> Of(Metric metric) => Of(metric.Name, metric.Unit, metric.DataCase switch
    {
        Metric.DataOneofCase.Histogram => "histogram",
        Metric.DataOneofCase.Sum => metric.Sum.IsMonotonic ? "counter" : "updowncounter",
        _ => "gauge",
    });
}
