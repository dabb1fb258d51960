using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>A host's connection to a cluster of this process.</summary>
internal sealed class ClusterClient(
    IServiceProvider services,
    IOptions<ClusterOptions> ids,
    IOptions<MembershipOptions> membership,
    IOptions<ClientMessagingOptions> messaging) : IHostedService
{
    private Messenger? messenger;

    public Messenger Messenger => messenger ??= new(services, FindCluster(), messaging.Value, silo: null);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Messenger.Cluster.Attach(Messenger);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (messenger is { Closed: false })
        {
            messenger.Close();
            messenger.Cluster.Detach(messenger);
        }

        return Task.CompletedTask;
    }

    private Cluster FindCluster()
    {
        var prefix = MembershipOptions.NamePrefix(ids.Value);
        return membership.Value switch
        {
            { Primary: { } primary } => Cluster.Named(prefix + primary),
            { GatewayPort: { } port } => Cluster.WithGateway(prefix, port),
            _ => throw MembershipOptions.NotConfigured(),
        };
    }
}
