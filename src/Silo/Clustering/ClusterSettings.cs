using System.Net;

namespace CoMiGS.Silo.Clustering;

/// <summary>Who keeps the list of a cluster's silos.</summary>
public enum ClusteringProvider
{
    /// <summary>The first silo of this machine, in its memory: the cluster ends with it. For trying out.</summary>
    Localhost,

    /// <summary>A PostgreSQL database.</summary>
    Postgres,

    /// <summary>A Redis server.</summary>
    Redis,
}

/// <summary>How silos and clients find one another.</summary>
public sealed record ClusterSettings
{
    public const int DefaultSiloPort = 11111;
    public const int DefaultGatewayPort = 30000;

    public required ClusteringProvider Provider { get; init; }

    /// <summary>Connection string of the database or server; null for localhost.</summary>
    public string? Connection { get; init; }

    /// <summary>The application: the same for ever.</summary>
    public string ServiceId { get; init; } = "comigs";

    /// <summary>The deployment: silos and clients of one cluster agree on it.</summary>
    public string ClusterId { get; init; } = "comigs";

    /// <summary>Localhost only. For a silo: the silo port of the first one; for a client: a gateway port.</summary>
    public int LocalPort { get; init; }

    /// <summary>Localhost only, for a silo: who keeps the list.</summary>
    internal IPEndPoint FirstSilo => new(IPAddress.Loopback, LocalPort);

    /// <summary>Null: connections are neither encrypted nor authenticated.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>For people.</summary>
    public override string ToString() => Provider == ClusteringProvider.Localhost
        ? $"cluster '{ClusterId}' on this machine"
        : $"cluster '{ClusterId}' in {Provider}";
}
