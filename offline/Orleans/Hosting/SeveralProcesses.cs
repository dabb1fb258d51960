using System.Net;
using System.Security.Cryptography.X509Certificates;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Hosting;

namespace Microsoft.Extensions.Hosting
{
    public static class OrleansClientGenericHostExtensions
    {
        /// <exception cref="NotSupportedException">Always: see <see cref="SeveralProcesses"/>.</exception>
        public static IHostApplicationBuilder UseOrleansClient(
            this IHostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate) =>
            throw SeveralProcesses.Refused();
    }

    public static class RedisClusteringExtensions
    {
        /// <exception cref="NotSupportedException">Always.</exception>
        public static ISiloBuilder UseRedisClustering(this ISiloBuilder builder, string redisConnectionString) =>
            throw SeveralProcesses.Refused();

        /// <exception cref="NotSupportedException">Always.</exception>
        public static IClientBuilder UseRedisClustering(this IClientBuilder builder, string redisConnectionString) =>
            throw SeveralProcesses.Refused();
    }
}

namespace Orleans.Hosting
{
    /// <summary>What joins processes to a cluster. This build is one process, so all of it refuses, in one sentence
    /// that says what to do.</summary>
    public static class SeveralProcesses
    {
        /// <exception cref="NotSupportedException">Always.</exception>
        public static ISiloBuilder ConfigureEndpoints(
            this ISiloBuilder builder, IPAddress advertisedIP, int siloPort, int gatewayPort,
            bool listenOnAnyHostAddress = false) => throw Refused();

        /// <exception cref="NotSupportedException">Always.</exception>
        public static ISiloBuilder UseAdoNetClustering(
            this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions) => throw Refused();

        /// <exception cref="NotSupportedException">Always.</exception>
        public static ISiloBuilder UseTls(this ISiloBuilder builder, Action<TlsOptions> configureOptions) =>
            throw Refused();

        public static IClientBuilder Configure<TOptions>(
            this IClientBuilder builder, Action<TOptions> configureOptions)
            where TOptions : class => throw Refused();

        /// <exception cref="NotSupportedException">Always.</exception>
        public static IClientBuilder UseLocalhostClustering(
            this IClientBuilder builder, int gatewayPort, string serviceId, string clusterId) => throw Refused();

        /// <exception cref="NotSupportedException">Always.</exception>
        public static IClientBuilder UseAdoNetClustering(
            this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions) => throw Refused();

        /// <exception cref="NotSupportedException">Always.</exception>
        public static IClientBuilder UseTls(this IClientBuilder builder, Action<TlsOptions> configureOptions) =>
            throw Refused();

        /// <exception cref="NotSupportedException">Always.</exception>
        public static IClientBuilder UseConnectionRetryFilter(
            this IClientBuilder builder, Func<Exception, CancellationToken, Task<bool>> connectionRetryFilter) =>
            throw Refused();

        internal static NotSupportedException Refused() => new(
            "This build has the offline actors, which live in one process; a cluster of several needs the official "
            + "packages: ./comigs setup -p:Packages=Official");
    }
}

namespace Orleans.Configuration
{
    public class ClusterOptions
    {
        public string ServiceId { get; set; } = "default";

        public string ClusterId { get; set; } = "default";
    }

    public class SiloOptions
    {
        public string? SiloName { get; set; }
    }

    public class AdoNetClusteringSiloOptions
    {
        public string? Invariant { get; set; }

        public string? ConnectionString { get; set; }
    }

    public class AdoNetClusteringClientOptions
    {
        public string? Invariant { get; set; }

        public string? ConnectionString { get; set; }
    }
}

namespace Orleans.Connections.Security
{
    public delegate bool RemoteCertificateValidator(
        X509Certificate2 certificate, X509Chain? chain, System.Net.Security.SslPolicyErrors policyErrors);

    public enum RemoteCertificateMode
    {
        NoCertificate,
        AllowCertificate,
        RequireCertificate,
    }

    public class TlsOptions
    {
        public X509Certificate2? LocalCertificate { get; set; }

        public RemoteCertificateMode RemoteCertificateMode { get; set; } = RemoteCertificateMode.RequireCertificate;

        public RemoteCertificateMode ClientCertificateMode { get; set; } = RemoteCertificateMode.AllowCertificate;

        public RemoteCertificateValidator? RemoteCertificateValidation { get; set; }
    }
}
