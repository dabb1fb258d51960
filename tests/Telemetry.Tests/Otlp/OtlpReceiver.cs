using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;

namespace CoMiGS.Telemetry.Tests.Otlp;

/// <summary>Takes OTLP over HTTP on loopback and keeps it decoded.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task serving;
    private readonly ConcurrentQueue<ExportTraceServiceRequest> traces = new();
    private readonly ConcurrentQueue<ExportMetricsServiceRequest> metrics = new();
    private readonly ConcurrentQueue<ExportLogsServiceRequest> logs = new();

    public OtlpReceiver()
    {
        Address = $"http://127.0.0.1:{FreePort()}";
        listener.Prefixes.Add(Address + "/");
        listener.Start();
        serving = ServeAsync();
    }

    public string Address { get; }

    /// <summary>What was refused; empty if all was well.</summary>
    public ConcurrentQueue<string> Refused { get; } = new();

    public IReadOnlyList<Span> Spans =>
        [.. traces.SelectMany(request => request.ResourceSpans).SelectMany(resource => resource.ScopeSpans)
            .SelectMany(scope => scope.Spans)];

    /// <summary>Spans of one source.</summary>
    public IReadOnlyList<Span> SpansOf(string source) =>
        [.. traces.SelectMany(request => request.ResourceSpans).SelectMany(resource => resource.ScopeSpans)
            .Where(scope => scope.Scope.Name == source).SelectMany(scope => scope.Spans)];

    /// <summary>The last word on every metric of a meter, by name.</summary>
    public IReadOnlyDictionary<string, Metric> MetricsOf(string meter) =>
        metrics.SelectMany(request => request.ResourceMetrics).SelectMany(resource => resource.ScopeMetrics)
            .Where(scope => scope.Scope.Name == meter).SelectMany(scope => scope.Metrics)
            .GroupBy(metric => metric.Name).ToDictionary(group => group.Key, group => group.Last());

    public IReadOnlyList<LogRecord> Logs =>
        [.. logs.SelectMany(request => request.ResourceLogs).SelectMany(resource => resource.ScopeLogs)
            .SelectMany(scope => scope.LogRecords)];

    public IReadOnlyList<Resource> Resources =>
        [.. traces.SelectMany(request => request.ResourceSpans).Select(spans => spans.Resource),
            .. metrics.SelectMany(request => request.ResourceMetrics).Select(one => one.Resource),
            .. logs.SelectMany(request => request.ResourceLogs).Select(one => one.Resource)];

    /// <summary>The variables that send everything here.</summary>
    public Dictionary<string, string?> Variables => new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address };

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
    }

    /// <summary>A port nobody listens on.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var (path, type) = (context.Request.Url!.AbsolutePath, context.Request.ContentType);
        try
        {
            Keep(type == "application/x-protobuf" ? path : $"{path} as {type}", body.ToArray());
            context.Response.ContentType = type!;
        }
        catch (InvalidDataException refused)
        {
            Refused.Enqueue(refused.Message);
            context.Response.StatusCode = (int)HttpStatusCode.BadRequest;
        }

        context.Response.Close();
    }

    private void Keep(string path, byte[] bytes)
    {
        switch (path)
        {
            case "/v1/traces":
                traces.Enqueue(ExportTraceServiceRequest.Parser.ParseFrom(bytes));
                break;
            case "/v1/metrics":
                metrics.Enqueue(ExportMetricsServiceRequest.Parser.ParseFrom(bytes));
                break;
            case "/v1/logs":
                logs.Enqueue(ExportLogsServiceRequest.Parser.ParseFrom(bytes));
                break;
            default:
                throw new InvalidDataException($"Nothing is taken at {path}.");
        }
    }
}

internal static class OtlpExtensions
{
    public static string Id(this ByteString id) => Convert.ToHexStringLower(id.Span);

    public static double Seconds(this Span span) => (span.EndTimeUnixNano - span.StartTimeUnixNano) / 1e9;

    public static string? Text(this IEnumerable<KeyValue> attributes, string key) =>
        attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value.StringValue;

    public static long? Number(this IEnumerable<KeyValue> attributes, string key) =>
        attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value.IntValue;
}
