using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Orleans.Runtime;

/// <summary>Which cluster a host belongs to, set by the clustering extensions.</summary>
internal sealed class MembershipOptions
{
    /// <summary>A name that silos of one cluster share besides their ids: the primary's endpoint.</summary>
    public string? Primary { get; set; }

    /// <summary>Clients only: the gateway port to look for.</summary>
    public int? GatewayPort { get; set; }

    public static string NamePrefix(ClusterOptions ids) => $"{ids.ServiceId}/{ids.ClusterId}/";

    public static OrleansConfigurationException NotConfigured() => new(
        "Clustering has not been configured. Call UseLocalhostClustering; this build runs clusters in one process.");
}

internal sealed class TracingOptions
{
    public bool Enabled { get; set; }
}

/// <summary>What a silo's host offers to application code.</summary>
internal sealed class SiloServices(IServiceCollection services, IConfiguration configuration) : ISiloBuilder
{
    public IServiceCollection Services => services;

    public IConfiguration Configuration => configuration;

    public static SiloServices AddTo(IServiceCollection services, IConfiguration configuration)
    {
        if (services.All(service => service.ServiceType != typeof(Silo)))
        {
            services.AddOptions();
            services.AddSingleton<Silo>();
            services.AddSingleton<ILocalSiloDetails>(provider => provider.GetRequiredService<Silo>());
            services.TryAddSingleton<IClusterClient>(provider => provider.GetRequiredService<Silo>().Messenger);
            services.TryAddSingleton<IGrainFactory>(provider => provider.GetRequiredService<IClusterClient>());
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<Silo>());
        }

        return new(services, configuration);
    }
}

/// <summary>What a client's host offers to application code.</summary>
internal sealed class ClientServices(IServiceCollection services, IConfiguration configuration) : IClientBuilder
{
    public IServiceCollection Services => services;

    public IConfiguration Configuration => configuration;

    public static ClientServices AddTo(IServiceCollection services, IConfiguration configuration)
    {
        if (services.All(service => service.ServiceType != typeof(ClusterClient)))
        {
            services.AddOptions();
            services.AddSingleton<ClusterClient>();
            services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<ClusterClient>().Messenger);
            services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<IClusterClient>());
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<ClusterClient>());
        }

        return new(services, configuration);
    }
}
