using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Microsoft.Extensions.Hosting
{
    /// <summary>Makes a host a client of a cluster in this process.</summary>
    public static class OrleansClientGenericHostExtensions
    {
        public static IHostApplicationBuilder UseOrleansClient(this IHostApplicationBuilder hostAppBuilder) =>
            hostAppBuilder.UseOrleansClient(_ => { });

        public static IHostApplicationBuilder UseOrleansClient(
            this IHostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate)
        {
            configureDelegate(ClientServices.AddTo(hostAppBuilder.Services, hostAppBuilder.Configuration));
            return hostAppBuilder;
        }

        public static HostApplicationBuilder UseOrleansClient(
            this HostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate)
        {
            ((IHostApplicationBuilder)hostAppBuilder).UseOrleansClient(configureDelegate);
            return hostAppBuilder;
        }

        public static IHostBuilder UseOrleansClient(
            this IHostBuilder hostBuilder, Action<IClientBuilder> configureDelegate) =>
            hostBuilder.ConfigureServices((context, services) =>
                configureDelegate(ClientServices.AddTo(services, context.Configuration)));
    }
}

namespace Orleans.Hosting
{
    public interface IClientBuilder
    {
        IServiceCollection Services { get; }

        IConfiguration Configuration { get; }
    }

    public static class ClientBuilderExtensions
    {
        public static IClientBuilder ConfigureServices(
            this IClientBuilder builder, Action<IServiceCollection> configureDelegate)
        {
            configureDelegate(builder.Services);
            return builder;
        }

        public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions)
            where TOptions : class =>
            builder.ConfigureServices(services => services.Configure(configureOptions));

        /// <summary>Finds the cluster by the gateway port of one of its silos.</summary>
        public static IClientBuilder UseLocalhostClustering(
            this IClientBuilder builder, int gatewayPort = 30000, string serviceId = "dev", string clusterId = "dev") =>
            builder
                .Configure<MembershipOptions>(options => options.GatewayPort = gatewayPort)
                .Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (serviceId, clusterId));

        public static IClientBuilder AddActivityPropagation(this IClientBuilder builder) =>
            builder.Configure<TracingOptions>(options => options.Enabled = true);
    }
}
