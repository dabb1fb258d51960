using System.Net;
using System.Net.Sockets;
using CoMiGS.Silo.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CoMiGS.Silo;

/// <summary>One or several silos in this process, on free ports of the loopback device.</summary>
public sealed class EmbeddedCluster : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly List<IHost> hosts = [];
    private readonly TelemetryExport? export;

    private EmbeddedCluster(TelemetryExport? export) => this.export = export;

    /// <summary>The way to the grains.</summary>
    public IGrainFactory Grains => hosts[0].Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts the silos, the first one as primary.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No silo is asked for.</exception>
    public static async Task<EmbeddedCluster> StartAsync(EmbeddedClusterOptions options, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SiloCount, 1);
        var cluster = new EmbeddedCluster(TelemetryExport.Start(
            options.Silo.Export, $"{Environment.MachineName}-{Environment.ProcessId}"));
        var id = "comigs-" + Guid.NewGuid().ToString("N");
        var ports = FreePorts(2 * options.SiloCount);
        try
        {
            for (var silo = 0; silo < options.SiloCount; silo++)
            {
                var host = cluster.Build(options, id, ports[2 * silo], ports[(2 * silo) + 1], ports[0]);
                cluster.hosts.Add(host);
                await host.StartAsync(stop);
            }
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }

        return cluster;
    }

    /// <summary>Stops the silos, the primary last: rounds under way are given up, grains are deactivated, then it is
    /// over, at the latest after 10 s a silo. What they told of themselves is sent last.</summary>
    public async ValueTask DisposeAsync()
    {
        hosts.ForEach(host => host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication());
        foreach (var host in hosts.AsEnumerable().Reverse())
        {
            using var limit = new CancellationTokenSource(StopLimit);
            try
            {
                await host.StopAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // Out of time; disposing ends what is left.
            }

            host.Dispose();
        }

        hosts.Clear();
        if (export is not null)
        {
            await export.DisposeAsync();
        }
    }

    private IHost Build(EmbeddedClusterOptions options, string id, int siloPort, int gatewayPort, int primaryPort)
    {
        var builder = InnerHost.NewBuilder(options.Logging, export);
        builder.UseOrleans(silo =>
        {
            var primary = new IPEndPoint(IPAddress.Loopback, primaryPort);
            silo.UseLocalhostClustering(siloPort, gatewayPort, primary, serviceId: "comigs", clusterId: id);
            options.Configure?.Invoke(silo);
            silo.AddCoMiGS(options.Silo);
        });
        return builder.Build();
    }

    /// <summary>Ports nobody listens on: all held at once, so that they differ, and let go.</summary>
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            listeners.ForEach(listener => listener.Start());
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Stop());
        }
    }
}
