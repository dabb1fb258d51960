using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Runtime.Placement;
using Orleans.Storage;

namespace Microsoft.Extensions.Hosting
{
    public static class OrleansSiloGenericHostExtensions
    {
        /// <summary>Makes a host a silo.</summary>
        public static IHostApplicationBuilder UseOrleans(
            this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
        {
            var services = hostAppBuilder.Services;
            if (services.All(service => service.ServiceType != typeof(Silo)))
            {
                services.AddOptions();
                services.AddSingleton<Silo>();
                services.AddSingleton<ILocalSiloDetails>(provider => provider.GetRequiredService<Silo>());
                services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<Silo>().Messenger);
                services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<IClusterClient>());
                services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<Silo>());
                services.AddSingleton<ClusterView>();
                services.AddSingleton<IClusterMembershipService>(
                    provider => provider.GetRequiredService<ClusterView>());
            }

            configureDelegate(new HostBuilderParts(services, hostAppBuilder.Configuration));
            return hostAppBuilder;
        }
    }
}

namespace Orleans.Hosting
{
    public interface ISiloBuilder
    {
        IServiceCollection Services { get; }

        IConfiguration Configuration { get; }
    }

    /// <summary>The client of a test cluster; a silo's host has its own.</summary>
    public interface IClientBuilder
    {
        IServiceCollection Services { get; }

        IConfiguration Configuration { get; }
    }

    public static class SiloBuilderExtensions
    {
        public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, Action<TOptions> configureOptions)
            where TOptions : class
        {
            builder.Services.Configure(configureOptions);
            return builder;
        }

        /// <summary>Joins the cluster of the primary silo, by default this one. Silos of one cluster have the same
        /// primary, service id and cluster id, and different ports. Nothing listens: a cluster is one process.
        /// </summary>
        public static ISiloBuilder UseLocalhostClustering(
            this ISiloBuilder builder,
            int siloPort = 11111,
            int gatewayPort = 30000,
            IPEndPoint? primarySiloEndpoint = null,
            string serviceId = "dev",
            string clusterId = "dev") =>
            builder.Configure<Membership>(membership =>
            {
                var primary = primarySiloEndpoint ?? new(IPAddress.Loopback, siloPort);
                (membership.Cluster, membership.SiloPort) = ($"{serviceId}/{clusterId}/{primary}", siloPort);
            });

        /// <summary>Makes every call an activity of the source "Microsoft.Orleans.Application" on both sides.</summary>
        public static ISiloBuilder AddActivityPropagation(this ISiloBuilder builder) =>
            builder.Configure<Membership>(membership => membership.Traces = true);

        public static IClientBuilder AddActivityPropagation(this IClientBuilder builder)
        {
            builder.Services.Configure<Membership>(membership => membership.Traces = true);
            return builder;
        }

        /// <summary>A directory in which a grain has one activation at most, whichever silos die. The stand-in's always
        /// is: it belongs to the cluster, not to its silos.</summary>
        [Experimental("ORLEANSEXP003")]
        public static ISiloBuilder AddDistributedGrainDirectory(this ISiloBuilder siloBuilder, string? name = null) =>
            siloBuilder;

        /// <summary>Adds a store in the cluster's memory, which lives until its last silo ends.</summary>
        public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name)
        {
            builder.Services.AddGrainStorage(name, (services, _) =>
                new MemoryGrainStorage(services.GetRequiredService<Silo>().Messenger.Cluster, name));
            return builder;
        }

        /// <summary>Registers who places the grains of a strategy.</summary>
        public static ISiloBuilder AddPlacementDirector<TStrategy, TDirector>(this ISiloBuilder builder)
            where TStrategy : PlacementStrategy, new()
            where TDirector : class, IPlacementDirector
        {
            builder.Services.AddKeyedSingleton<IPlacementDirector, TDirector>(typeof(TStrategy));
            return builder;
        }

        public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder) =>
            builder.AddMemoryGrainStorage("Default");

        public static ISiloBuilder AddIncomingGrainCallFilter<TImplementation>(this ISiloBuilder builder)
            where TImplementation : class, IIncomingGrainCallFilter
        {
            builder.Services.AddSingleton<IIncomingGrainCallFilter, TImplementation>();
            return builder;
        }

        public static ISiloBuilder AddIncomingGrainCallFilter(
            this ISiloBuilder builder, IncomingGrainCallFilterDelegate filter)
        {
            builder.Services.AddSingleton<IIncomingGrainCallFilter>(new DelegateFilter(filter));
            return builder;
        }

        private sealed class DelegateFilter(IncomingGrainCallFilterDelegate filter) : IIncomingGrainCallFilter
        {
            public Task Invoke(IIncomingGrainCallContext context) => filter(context);
        }
    }

    internal sealed record HostBuilderParts(IServiceCollection Services, IConfiguration Configuration)
        : ISiloBuilder, IClientBuilder;
}

namespace Orleans.Runtime
{
    /// <summary>Which cluster a host belongs to, and as what.</summary>
    internal sealed class Membership
    {
        /// <summary>What silos of one cluster have in common: its ids and its primary's endpoint.</summary>
        public string? Cluster { get; set; }

        public string? SiloName { get; set; }

        public int SiloPort { get; set; }

        public bool Traces { get; set; }

        public ImmutableDictionary<string, string> Metadata { get; set; } =
            ImmutableDictionary<string, string>.Empty;
    }
}

namespace Orleans.Runtime.MembershipService.SiloMetadata
{
    public static class SiloMetadataHostingExtensions
    {
        /// <summary>What this silo says of itself to the others of its cluster.</summary>
        public static ISiloBuilder UseSiloMetadata(this ISiloBuilder builder, Dictionary<string, string> metadata)
        {
            builder.Services.AddSingleton<ISiloMetadataCache>(
                provider => provider.GetRequiredService<ClusterView>());
            return builder.Configure<Membership>(membership =>
                membership.Metadata = membership.Metadata.SetItems(metadata));
        }
    }
}
