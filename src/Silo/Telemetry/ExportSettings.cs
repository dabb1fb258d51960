using CoMiGS.Learning;
using Microsoft.Extensions.Configuration;

namespace CoMiGS.Silo.Telemetry;

/// <summary>Which signals leave this process, and how: what OpenTelemetry's standard variables say. A signal is
/// exported if there is an endpoint for it or its exporter is named.</summary>
public sealed record ExportSettings
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>What we think of where nobody says otherwise. Protocol: the one that every receiver takes.</summary>
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["OTEL_SERVICE_NAME"] = "comigs",
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_MAX_QUEUE_SIZE"] = "16384",   // spans: a round of a thousand users ends at once
    };

    public bool Traces { get; private init; }

    public bool Metrics { get; private init; }

    public bool Logs { get; private init; }

    /// <summary>Longest a process waits at its end for what is left to arrive.</summary>
    public TimeSpan FlushLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The variables, over our defaults.</summary>
    internal IConfiguration Variables { get; private init; } = null!;

    /// <summary>Null: nothing is exported.</summary>
    /// <exception cref="BadInputException">A variable cannot be used; the message names it.</exception>
    public static ExportSettings? OfEnvironment() => Of(new ConfigurationBuilder().AddEnvironmentVariables().Build());

    /// <summary>As <see cref="OfEnvironment"/>, of other variables.</summary>
    public static ExportSettings? Of(IEnumerable<KeyValuePair<string, string?>> variables) =>
        Of(new ConfigurationBuilder().AddInMemoryCollection(variables).Build());

    private static ExportSettings? Of(IConfiguration variables)
    {
        if (bool.TryParse(variables["OTEL_SDK_DISABLED"], out var isDisabled) && isDisabled)
        {
            return null;
        }

        RequireAddress(variables, Endpoint);
        var settings = new ExportSettings
        {
            Traces = IsExported(variables, "TRACES"),
            Metrics = IsExported(variables, "METRICS"),
            Logs = IsExported(variables, "LOGS"),
            Variables = new ConfigurationBuilder().AddInMemoryCollection(Defaults).AddConfiguration(variables).Build(),
        };
        return settings.Traces || settings.Metrics || settings.Logs ? settings : null;
    }

    private static bool IsExported(IConfiguration variables, string signal)
    {
        var own = $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT";
        RequireAddress(variables, own);
        var exporter = $"OTEL_{signal}_EXPORTER";
        return variables[exporter] switch
        {
            "otlp" => true,
            "none" => false,
            null or "" => !string.IsNullOrEmpty(variables[own]) || !string.IsNullOrEmpty(variables[Endpoint]),
            var other => throw new BadInputException($"{exporter} is '{other}', but must be otlp or none."),
        };
    }

    private static void RequireAddress(IConfiguration variables, string name)
    {
        if (variables[name] is { Length: > 0 } address
            && !(Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            throw new BadInputException(
                $"{name} is '{address}', but must be an address such as http://localhost:4318.");
        }
    }
}
