using CoMiGS.Learning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CoMiGS.Silo.Clustering;

/// <summary>This process as a client of a cluster.</summary>
public sealed class ClusterClient : IAsyncDisposable
{
    /// <summary>Longest wait for a first silo to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly IHost host;

    private ClusterClient(IHost host) => this.host = host;

    /// <summary>A client for as long as <paramref name="work"/> runs.</summary>
    /// <exception cref="BadInputException">The settings cannot be used, or this build has no clusters.</exception>
    /// <exception cref="ClusterUnavailableException">No silo answered in time.</exception>
    public static async Task<T> WithGrainsAsync<T>(
        ClusterSettings cluster, CancellationToken stop, Func<IGrainFactory, Task<T>> work)
    {
        await using var client = await ConnectAsync(cluster, stop);
        return await work(client.host.Services.GetRequiredService<IGrainFactory>());
    }

    private static async Task<ClusterClient> ConnectAsync(ClusterSettings cluster, CancellationToken stop)
    {
        var host = Build(cluster, Environment.TickCount64 + (long)Patience.TotalMilliseconds);
        try
        {
            await host.StartAsync(stop);
            return new(host);
        }
        catch (Exception error)
        {
            host.Dispose();
            throw error is OperationCanceledException or BadInputException
                ? error
                : new ClusterUnavailableException(
                    $"no silo of {cluster} answers: {error.GetBaseException().Message}", error);
        }
    }

    public async ValueTask DisposeAsync()
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

    private static IHost Build(ClusterSettings cluster, long deadline)
    {
        var builder = InnerHost.NewBuilder(InnerHost.LogToStandardError);
        try
        {
            builder.UseOrleansClient(client =>
            {
                client.UseClustering(cluster);
                client.UseConnectionRetryFilter(async (_, stop) =>
                {
                    await Task.Delay(Pause, stop);
                    return Environment.TickCount64 < deadline;
                });
            });
        }
        catch (NotSupportedException refused)
        {
            throw new BadInputException(refused.Message, refused);
        }

        return builder.Build();
    }
}
