using System.Collections.Immutable;

namespace Orleans.Runtime
{
    /// <summary>The numbers are upstream's.</summary>
    [GenerateSerializer]
    public enum SiloStatus
    {
        None = 0,
        Created = 1,
        Joining = 2,
        Active = 3,
        ShuttingDown = 4,
        Stopping = 5,
        Dead = 6,
    }

    /// <summary>Who belongs to the cluster, as this silo knows.</summary>
    public interface IClusterMembershipService
    {
        ClusterMembershipSnapshot CurrentSnapshot { get; }
    }

    public sealed class ClusterMembershipSnapshot
    {
        internal ClusterMembershipSnapshot(ImmutableDictionary<SiloAddress, ClusterMember> members) =>
            Members = members;

        public ImmutableDictionary<SiloAddress, ClusterMember> Members { get; }
    }

    public sealed class ClusterMember(SiloAddress siloAddress, SiloStatus status, string name)
    {
        public SiloAddress SiloAddress { get; } = siloAddress;

        public SiloStatus Status { get; } = status;

        public string Name { get; } = name;
    }
}

namespace Orleans.Runtime.MembershipService.SiloMetadata
{
    /// <summary>What silos say of themselves.</summary>
    public interface ISiloMetadataCache
    {
        /// <summary><see cref="SiloMetadata.Empty"/> for a silo that says nothing or is not known.</summary>
        SiloMetadata GetSiloMetadata(SiloAddress siloAddress);
    }

    public record SiloMetadata
    {
        public static SiloMetadata Empty { get; } = new();

        public ImmutableDictionary<string, string> Metadata { get; internal init; } =
            ImmutableDictionary<string, string>.Empty;
    }
}
