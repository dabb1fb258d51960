using System.Collections.Immutable;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Orleans.Runtime;

/// <summary>The cluster as one of its silos sees it. In one process everybody sees the same at once.</summary>
internal sealed class ClusterView(Silo silo) : IClusterMembershipService, ISiloMetadataCache
{
    public ClusterMembershipSnapshot CurrentSnapshot => new(silo.Messenger.Cluster.Silos.ToImmutableDictionary(
        member => member.SiloAddress,
        member => new ClusterMember(member.SiloAddress, SiloStatus.Active, member.Name)));

    public SiloMetadata GetSiloMetadata(SiloAddress siloAddress) =>
        silo.Messenger.Cluster.Silos.FirstOrDefault(member => member.SiloAddress == siloAddress)?.Metadata
            ?? SiloMetadata.Empty;
}
