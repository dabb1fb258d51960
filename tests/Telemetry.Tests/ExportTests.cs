using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CoMiGS.Driver.Tests;
using CoMiGS.Silo.Telemetry;
using CoMiGS.Telemetry.Tests.Otlp;

namespace CoMiGS.Telemetry.Tests;

/// <summary>Whatever the receiver does, the run is the same.</summary>
public sealed class ExportTests
{
    /// <summary>Of the exporter with one request, far beyond ours, so that a run that waited for an answer would be
    /// seen on the slowest machine.</summary>
    private static readonly TimeSpan RequestLimit = TimeSpan.FromHours(1);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Run_NobodyListensAtTheEndpoint_EndsAsIfNothingWereExported()
    {
        var alone = await ExportedRun.RunAsync(silos: 1, export: null);

        var exported = await ExportedRun.RunAsync(silos: 1, To($"http://127.0.0.1:{OtlpReceiver.FreePort()}"))
            .WaitAsync(Patience);

        Assert.Equal(LossesOf(alone), LossesOf(exported));
    }

    [Fact]
    public async Task Run_EndpointTakesCallsAndNeverAnswers_EndsAsIfNothingWereExported()
    {
        var alone = await ExportedRun.RunAsync(silos: 1, export: null);
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();

        var exported = await ExportedRun.RunAsync(silos: 1, To($"http://{hole.LocalEndpoint}")).WaitAsync(Patience);

        Assert.True(hole.Pending());
        Assert.Equal(LossesOf(alone), LossesOf(exported));
    }

    /// <summary>The program itself, whose runs are over long before the first batch would be due.</summary>
    [Fact]
    public async Task Program_WithTheVariablesSet_LosesNothingOfAShortRun()
    {
        const int Runs = 3, Rounds = 2, Users = 2;   // of the workspace's run file, a baseline and a target more
        using var workspace = new Workspace();
        await using var receiver = new OtlpReceiver();

        var (code, error) = await DriveAsync(workspace, receiver.Variables);

        Assert.True(code == 0, error);
        Assert.Equal(Runs * Rounds, receiver.Spans.Count(span => span.Name == "round"));
        Assert.Equal(Runs * Rounds * Users, receiver.Spans.Count(span => span.Name == "user"));
        Assert.Equal(Runs * Rounds, receiver.Logs.Count(
            log => log.Body.StringValue.Contains("tokens/s", StringComparison.Ordinal)));
        Assert.Equal(
            Runs, receiver.MetricsOf("CoMiGS")["comigs.runs"].Sum.DataPoints.Sum(point => point.AsInt));
        Assert.Empty(receiver.Refused);
    }

    [Fact]
    public async Task Program_WithAVariableItCannotUse_SaysSoBeforeItStarts()
    {
        using var workspace = new Workspace();

        var (code, error) = await DriveAsync(workspace, new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "here" });

        Assert.Equal(2, code);
        Assert.Equal(
            "comigs: OTEL_EXPORTER_OTLP_ENDPOINT is 'here', but must be an address such as http://localhost:4318.\n",
            error);
    }

    private static ExportSettings? To(string address) => ExportSettings.Of(
    [
        new("OTEL_EXPORTER_OTLP_ENDPOINT", address),
        new("OTEL_EXPORTER_OTLP_TIMEOUT", $"{RequestLimit.TotalMilliseconds}"),
    ]);

    private static IEnumerable<double> LossesOf(Interfaces.Experiments.ExperimentResult result) =>
        result.Users.SelectMany(user => user.Targets).Select(target => target.Loss.Sum);

    private static async Task<(int Code, string Error)> DriveAsync(
        Workspace workspace, Dictionary<string, string?> variables)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "comigs-driver.dll");
        var start = new ProcessStartInfo(
            "dotnet", ["exec", program, "run", workspace.RunFile, "--out", workspace.At("out")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await output;
        return (process.ExitCode, await error);
    }
}
