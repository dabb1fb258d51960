using System.Net;
using System.Net.Sockets;
using CoMiGS.Grains.Faults;
using CoMiGS.Silo.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CoMiGS.Silo;

/// <summary>One or several silos in this process, on free ports of the loopback device.</summary>
public sealed class EmbeddedCluster : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly string id = "comigs-" + Guid.NewGuid().ToString("N");
    private readonly EmbeddedClusterOptions options;
    private readonly TelemetryExport? export;
    private readonly int[] ports;
    private readonly SiloDeaths deaths;

    /// <summary>By silo; null: it is not there.</summary>
    private readonly IHost?[] hosts;

    private EmbeddedCluster(EmbeddedClusterOptions options, TelemetryExport? export)
    {
        (this.options, this.export) = (options, export);
        ports = FreePorts(2 * options.SiloCount);
        hosts = new IHost?[options.SiloCount];
        deaths = new(this);
    }

    /// <summary>The way to the grains.</summary>
    public IGrainFactory Grains => hosts[0]!.Services.GetRequiredService<IGrainFactory>();

    public int SiloCount => hosts.Length;

    /// <summary>Starts the silos, the first one as primary.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No silo is asked for.</exception>
    public static async Task<EmbeddedCluster> StartAsync(EmbeddedClusterOptions options, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SiloCount, 1);
        var cluster = new EmbeddedCluster(options, TelemetryExport.Start(
            options.Silo.Export, $"{Environment.MachineName}-{Environment.ProcessId}"));
        try
        {
            for (var silo = 0; silo < options.SiloCount; silo++)
            {
                await cluster.StartAsync(silo, stop);
            }
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }

        return cluster;
    }

    /// <summary>Whether a silo is there.</summary>
    /// <param name="silo">0-based.</param>
    internal bool IsAlive(int silo) => hosts[silo] is not null;

    /// <summary>Ends a silo without a goodbye. What its grains were at may go on for a moment, as in a process that
    /// its cluster takes for dead: what they write is not to harm the run.</summary>
    /// <param name="silo">0-based, above 0: the first one keeps the list of silos.</param>
    internal async Task KillAsync(int silo)
    {
        var host = Interlocked.Exchange(ref hosts[silo], null)!;
        try
        {
            await host.StopAsync(new CancellationToken(canceled: true));
        }
        catch (OperationCanceledException)
        {
            // It was not given the time to say goodbye.
        }

        host.Dispose();
    }

    /// <summary>Starts a silo that is not there.</summary>
    /// <param name="silo">0-based.</param>
    internal async Task StartAsync(int silo, CancellationToken stop)
    {
        var host = Build(ports[2 * silo], ports[(2 * silo) + 1]);
        try
        {
            await host.StartAsync(stop);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        hosts[silo] = host;
    }

    /// <summary>Stops the silos, the primary last: rounds under way are given up, grains are deactivated, then it is
    /// over, at the latest after 10 s a silo. What they told of themselves is sent last.</summary>
    public async ValueTask DisposeAsync()
    {
        await deaths.EndAsync();
        var alive = hosts.OfType<IHost>().ToList();
        alive.ForEach(host => host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication());
        foreach (var host in alive.AsEnumerable().Reverse())
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

        Array.Clear(hosts);
        if (export is not null)
        {
            await export.DisposeAsync();
        }
    }

    private IHost Build(int siloPort, int gatewayPort)
    {
        var builder = InnerHost.NewBuilder(options.Logging, export);
        builder.UseOrleans(silo =>
        {
            var primary = new IPEndPoint(IPAddress.Loopback, ports[0]);
            silo.UseLocalhostClustering(siloPort, gatewayPort, primary, serviceId: "comigs", clusterId: id);
            silo.Services.AddSingleton<ISiloFaults>(deaths);
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
