using CoMiGS.Silo.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CoMiGS.Silo;

/// <summary>A host within a program: signals and exit are the program's, and nothing is read from files or the
/// environment that the program does not name.</summary>
internal static class InnerHost
{
    /// <param name="logging">Where log lines go; nowhere when null.</param>
    /// <param name="export">Takes them too.</param>
    public static HostApplicationBuilder NewBuilder(Action<ILoggingBuilder>? logging, TelemetryExport? export = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "comigs", DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, InnerLifetime>();
        builder.Services.AddLogging(log =>
        {
            log.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
            log.AddFilter("Orleans", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning);
            logging?.Invoke(log);
            export?.AddTo(log);
        });
        return builder;
    }

    /// <summary>One line an entry, on standard error.</summary>
    public static void LogToStandardError(ILoggingBuilder log)
    {
        log.AddFilter("Orleans", LogLevel.Error);   // a silo that dies is many warnings, and one line of ours
        log.AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);   // whoever starts a host says why it failed
        log.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss "));
        log.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private sealed class InnerLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
