using System.Net;
using System.Net.Sockets;
using CoMiGS.Learning;
using CoMiGS.Silo.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace CoMiGS.Silo.Clustering;

/// <summary>This process as one silo of a cluster of processes.</summary>
public static class SiloProcess
{
    /// <summary>Beyond the drain: to deactivate, to say goodbye, to close connections.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private const int PausesInSilence = 10;

    /// <summary>Joins, calls <paramref name="joined"/>, serves until told to stop, drains and leaves.</summary>
    /// <param name="remark">Told why it does not serve yet.</param>
    /// <param name="stop">Users under way may finish within <see cref="SiloSettings.Drain"/>; runs go on elsewhere.
    /// </param>
    /// <exception cref="BadInputException">The settings cannot be used, or this build has no clusters.</exception>
    /// <exception cref="ClusterUnavailableException">The cluster cannot be joined.</exception>
    public static async Task RunAsync(
        ClusterSettings cluster, SiloEndpoint endpoint, string name, SiloSettings settings, Action joined,
        Action<string> remark, CancellationToken stop)
    {
        await using var export = TelemetryExport.Start(settings.Export, name);
        var host = Build(cluster, endpoint, name, settings, export);
        if (cluster.Provider == ClusteringProvider.Postgres)
        {
            await PostgresTables.EnsureAsync(cluster.RequireConnection(), stop);
        }

        if (cluster.Provider == ClusteringProvider.Localhost && cluster.LocalPort != endpoint.SiloPort)
        {
            await FirstSiloAsync(cluster.FirstSilo, remark, stop);
        }

        await StartAsync(host, cluster, stop);
        joined();
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, lifetime.ApplicationStopping);
        await Task.Delay(Timeout.Infinite, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await LeaveAsync(host, settings.Drain + Goodbye);
    }

    /// <summary>Orleans would wait in silence, and end in stack traces.</summary>
    private static async Task FirstSiloAsync(IPEndPoint first, Action<string> remark, CancellationToken stop)
    {
        for (var pauses = 0; !await IsThereAsync(first, stop); pauses++)
        {
            if (pauses == PausesInSilence)
            {
                remark($"waiting for the first silo at {first} ...");
            }

            await Task.Delay(Pause, stop);
        }
    }

    private static async Task<bool> IsThereAsync(IPEndPoint place, CancellationToken stop)
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(place, stop);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A silo that cannot reach its cluster any more would wait for ever to say goodbye.</summary>
    private static async Task LeaveAsync(IHost host, TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        var leaving = Task.Run(async () =>
        {
            await host.StopAsync(patience.Token);
            host.Dispose();
        });
        try
        {
            await leaving.WaitAsync(limit + LastWord);
        }
        catch (Exception error)
        {
            throw new ClusterUnavailableException(
                $"the silo left without a goodbye: {error.GetBaseException().Message}", error);
        }
    }

    private static async Task StartAsync(IHost host, ClusterSettings cluster, CancellationToken stop)
    {
        try
        {
            await host.StartAsync(stop);
        }
        catch (Exception error) when (error is not (OperationCanceledException or BadInputException))
        {
            throw new ClusterUnavailableException(
                $"{cluster} cannot be joined: {error.GetBaseException().Message}", error);
        }
    }

    private static IHost Build(
        ClusterSettings cluster, SiloEndpoint endpoint, string name, SiloSettings settings, TelemetryExport? export)
    {
        var builder = InnerHost.NewBuilder(InnerHost.LogToStandardError, export);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.Drain + Goodbye);
        try
        {
            builder.UseOrleans(silo =>
            {
                silo.UseClustering(cluster, endpoint);
                silo.Configure<SiloOptions>(options => options.SiloName = name);
                silo.Configure<GrainCollectionOptions>(
                    options => options.DeactivationTimeout = settings.Drain + Goodbye);
                silo.AddCoMiGS(settings);
            });
        }
        catch (NotSupportedException refused)
        {
            throw new BadInputException(refused.Message, refused);
        }

        return builder.Build();
    }
}
