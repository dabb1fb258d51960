namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>How a corpus becomes users' shards.</summary>
public sealed record PartitionOptions
{
    /// <summary>Whose a document is.</summary>
    public required IPartitioner Partitioner { get; init; }

    /// <summary>Of every user's tokens.</summary>
    public required SplitFractions Fractions { get; init; }

    /// <summary>Of the splits.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Fewest tokens of a shard, at least 1.</summary>
    public required int MinTokens { get; init; }

    /// <summary>What happens to a user with a shorter shard.</summary>
    public required SmallUsers SmallUsers { get; init; }
}

/// <summary>What happens to users with too little text.</summary>
public enum SmallUsers
{
    /// <summary>Nothing is written.</summary>
    Refuse,

    /// <summary>The others are written.</summary>
    Drop,
}
