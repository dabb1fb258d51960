using System.Collections.Immutable;

namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>What was written.</summary>
/// <param name="Users">In ordinal order.</param>
/// <param name="DroppedUsers">Left out: they had too little text.</param>
/// <param name="RepeatedDocuments">Left out: their text stood in the input before.</param>
public sealed record PartitionSummary(
    ImmutableArray<UserSummary> Users, ImmutableArray<string> DroppedUsers, int RepeatedDocuments);

/// <summary>One user's text.</summary>
/// <param name="User">Name of the folder.</param>
/// <param name="Documents">At least 3.</param>
/// <param name="Tokens">By split; the end of text after every document counts.</param>
/// <param name="LabelShares">Of the user's documents, by label; sum 1. Empty where the input has no labels.</param>
public sealed record UserSummary(
    string User, int Documents, SplitTokens Tokens, ImmutableSortedDictionary<string, double> LabelShares);

/// <summary>Tokens of the three shards.</summary>
public sealed record SplitTokens(int Train, int Valid, int Test);
