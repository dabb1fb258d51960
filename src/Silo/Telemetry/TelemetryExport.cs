using CoMiGS.Grains.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CoMiGS.Silo.Telemetry;

/// <summary>Sends what this process tells of itself by OTLP, for as long as it lives: one for all silos of a process,
/// since spans and metrics are the process's. A receiver that does not answer costs nothing but the data.</summary>
public sealed class TelemetryExport : IAsyncDisposable
{
    private const string SamplerVariable = "OTEL_TRACES_SAMPLER";

    private readonly OpenTelemetrySdk sdk;
    private readonly bool hasLogs;
    private readonly TimeSpan flushLimit;

    private TelemetryExport(ExportSettings settings, string instance)
    {
        (hasLogs, flushLimit) = (settings.Logs, settings.FlushLimit);
        sdk = OpenTelemetrySdk.Create(builder =>
        {
            builder.Services.AddSingleton(settings.Variables);
            builder.ConfigureResource(resource => resource
                .AddAttributes([new("service.instance.id", instance), new("service.version", Version)])
                .AddEnvironmentVariableDetector());
            builder.WithTracing(traces => AddSources(traces, settings));
            builder.WithMetrics(metrics => AddMeters(metrics, settings));
            builder.WithLogging(
                configureBuilder: null, configureOptions: logs => logs.IncludeFormattedMessage = true);
            builder.UseOtlpExporter();
        });
    }

    private static string Version => typeof(TelemetryExport).Assembly.GetName().Version!.ToString(3);

    /// <summary>Null where nothing is to be exported.</summary>
    /// <param name="instance">Of the process, among those of its cluster.</param>
    public static TelemetryExport? Start(ExportSettings? settings, string instance) =>
        settings is null ? null : new(settings, instance);

    /// <summary>Has a host's log lines exported beside wherever else they go.</summary>
    public void AddTo(ILoggingBuilder log)
    {
        if (hasLogs)
        {
            log.AddProvider(new Forwarding(sdk.GetLoggerFactory()));
        }
    }

    /// <summary>Sends what is left, as long as that may take.</summary>
    public async ValueTask DisposeAsync()
    {
        var limit = (int)flushLimit.TotalMilliseconds;
        Task last = Task.WhenAll(
            Task.Run(() => sdk.TracerProvider.Shutdown(limit)),
            Task.Run(() => sdk.MeterProvider.Shutdown(limit)),
            Task.Run(() => sdk.LoggerProvider.Shutdown(limit)));
        await last.WaitAsync(flushLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (last.IsCompleted)
        {
            sdk.Dispose();
        }
    }

    private static void AddSources(TracerProviderBuilder traces, ExportSettings settings)
    {
        if (settings.Traces)
        {
            traces.AddSource(Spans.SourceName, "Microsoft.Orleans.*");
            if (string.IsNullOrEmpty(settings.Variables[SamplerVariable]))
            {
                traces.SetSampler(new ParentBasedSampler(new RoundSampler()));
            }
        }
    }

    private static void AddMeters(MeterProviderBuilder metrics, ExportSettings settings)
    {
        if (settings.Metrics)
        {
            metrics.AddMeter(Instruments.MeterName, "Microsoft.Orleans", "System.Runtime");
            metrics.SetExemplarFilter(ExemplarFilterType.TraceBased);
        }
    }

    /// <summary>Traces are rounds: calls that belong to none, such as the runtime's own, are not kept.</summary>
    private sealed class RoundSampler : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => new(
            samplingParameters.Name == Spans.Round ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
    }

    /// <summary>Leaves the factory to whoever made it.</summary>
    private sealed class Forwarding(ILoggerFactory factory) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => factory.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }
}
