using CoMiGS.Learning;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace CoMiGS.Silo.Clustering;

/// <summary>Makes a silo or a client a member of the cluster that the settings name.</summary>
internal static class ClusteringExtensions
{
    /// <summary>How ADO.NET calls PostgreSQL's driver.</summary>
    private const string PostgresInvariant = "Npgsql";

    /// <summary>Ports listen on the given address only.</summary>
    public static void UseClustering(this ISiloBuilder silo, ClusterSettings settings, SiloEndpoint endpoint)
    {
        silo.ConfigureEndpoints(endpoint.Address, endpoint.SiloPort, endpoint.GatewayPort);
        silo.Configure<ClusterOptions>(settings.Name);
        if (settings.Tls is { } tls)
        {
            silo.UseTls(tls.ToOptions());
        }

        switch (settings.Provider)
        {
            case ClusteringProvider.Localhost:
                silo.UseLocalhostClustering(
                    endpoint.SiloPort, endpoint.GatewayPort, settings.FirstSilo,
                    settings.ServiceId, settings.ClusterId);
                break;
            case ClusteringProvider.Postgres:
                silo.UseAdoNetClustering(options =>
                    (options.Invariant, options.ConnectionString) = (PostgresInvariant, settings.RequireConnection()));
                break;
            case ClusteringProvider.Redis:
                silo.UseRedisClustering(settings.RequireConnection());
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(settings), settings.Provider, "Unknown clustering.");
        }
    }

    public static void UseClustering(this IClientBuilder client, ClusterSettings settings)
    {
        client.Configure<ClusterOptions>(settings.Name);
        if (settings.Tls is { } tls)
        {
            client.UseTls(tls.ToOptions());
        }

        switch (settings.Provider)
        {
            case ClusteringProvider.Localhost:
                client.UseLocalhostClustering(settings.LocalPort, settings.ServiceId, settings.ClusterId);
                break;
            case ClusteringProvider.Postgres:
                client.UseAdoNetClustering(options =>
                    (options.Invariant, options.ConnectionString) = (PostgresInvariant, settings.RequireConnection()));
                break;
            case ClusteringProvider.Redis:
                client.UseRedisClustering(settings.RequireConnection());
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(settings), settings.Provider, "Unknown clustering.");
        }
    }

    /// <exception cref="BadInputException">There is none.</exception>
    public static string RequireConnection(this ClusterSettings settings) =>
        !string.IsNullOrWhiteSpace(settings.Connection)
            ? settings.Connection
            : throw new BadInputException(
                $"--connection is missing, but clustering by {settings.Provider} needs a connection string "
                + "(or set COMIGS_CONNECTION).");

    private static void Name(this ClusterSettings settings, ClusterOptions options) =>
        (options.ServiceId, options.ClusterId) = (settings.ServiceId, settings.ClusterId);
}
