using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using Orleans.TestingHost;
using OrleansContract;

[assembly: AssemblyFixture(typeof(ClusterFixture))]

namespace OrleansContract;

/// <summary>Two silos and a client, shared by the tests that leave the cluster as they found it.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    public InProcessTestCluster Cluster { get; } = NewCluster(2);

    public IGrainFactory Grains => Cluster.Client;

    /// <summary>A cluster with everything the test grains ask for.</summary>
    public static InProcessTestCluster NewCluster(short silos, Action<ISiloBuilder>? configure = null)
    {
        var records = new SharedStorage();
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorage("memory");
            silo.AddMemoryGrainStorageAsDefault();
            silo.Services.AddGrainStorage("shared", (_, _) => records);
            silo.AddIncomingGrainCallFilter<RecordingFilter>();
            silo.AddActivityPropagation();
#pragma warning disable ORLEANSEXP003 // The directory that the product uses.
            silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
            configure?.Invoke(silo);
        });
        builder.ConfigureClient(client => client.AddActivityPropagation());
        return builder.Build();
    }

    public static async Task<InProcessTestCluster> DeployAsync(short silos, Action<ISiloBuilder>? configure = null)
    {
        var cluster = NewCluster(silos, configure);
        await cluster.DeployAsync();
        return cluster;
    }

    /// <summary>Idle activations end after about a second.</summary>
    public static void CollectQuickly(ISiloBuilder silo) => silo.Configure<GrainCollectionOptions>(options =>
    {
        options.CollectionQuantum = TimeSpan.FromMilliseconds(200);
        options.CollectionAge = TimeSpan.FromSeconds(1);
    });

    public async ValueTask InitializeAsync() => await Cluster.DeployAsync();

    public async ValueTask DisposeAsync() => await Cluster.DisposeAsync();
}
