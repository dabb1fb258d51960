using CoMiGS.Learning;
using CoMiGS.Silo.Telemetry;

namespace CoMiGS.Telemetry.Tests;

public sealed class ExportSettingsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("OTEL_SERVICE_NAME=x", "")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1", "traces metrics logs")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1 OTEL_SDK_DISABLED=TRUE", "")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1 OTEL_SDK_DISABLED=no", "traces metrics logs")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1 OTEL_LOGS_EXPORTER=none", "traces metrics")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://a:1/v1/traces", "traces")]
    [InlineData("OTEL_METRICS_EXPORTER=otlp", "metrics")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://a:1 OTEL_LOGS_EXPORTER=none", "")]
    public void Variables_SayWhichSignalsLeave(string variables, string signals)
    {
        var settings = ExportSettings.Of(Split(variables));
        var found = new[]
        {
            settings is { Traces: true } ? "traces" : "", settings is { Metrics: true } ? "metrics" : "",
            settings is { Logs: true } ? "logs" : "",
        };

        Assert.Equal(signals, string.Join(' ', found.Where(signal => signal.Length > 0)));
        Assert.Equal(signals.Length == 0, settings is null);
    }

    [Theory]
    [InlineData("OTEL_TRACES_EXPORTER=zipkin", "OTEL_TRACES_EXPORTER is 'zipkin', but must be otlp or none.")]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4318",
        "OTEL_EXPORTER_OTLP_ENDPOINT is 'localhost:4318', but must be an address such as http://localhost:4318.")]
    [InlineData(
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=nowhere",
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT is 'nowhere', but must be an address such as http://localhost:4318.")]
    public void Variables_ThatCannotBeUsed_AreNamedInOneSentence(string variables, string sentence) =>
        Assert.Equal(
            sentence, Assert.Throws<BadInputException>(() => ExportSettings.Of(Split(variables))).Message);

    private static IEnumerable<KeyValuePair<string, string?>> Split(string variables) => variables
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(variable => variable.Split('=', 2))
        .Select(parts => new KeyValuePair<string, string?>(parts[0], parts[1]));
}
