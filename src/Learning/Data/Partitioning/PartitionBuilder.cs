using System.Collections.Immutable;

namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>From documents to users' shards.</summary>
public static class PartitionBuilder
{
    /// <summary>Assigns, splits, encodes and writes; in the shards every document ends with the end-of-text token. A
    /// text that stood in the input before is left out, so that no text is in two splits or with two users.</summary>
    /// <param name="documents">At least one.</param>
    /// <param name="tokenizer">Of the base model that will learn.</param>
    /// <param name="options">See there.</param>
    /// <param name="directory">Gets USER/SPLIT.bin and the manifest; created if missing.</param>
    /// <exception cref="BadInputException">A document lacks what the partition goes by; a user, named, has too little
    /// text for three shards.</exception>
    public static PartitionSummary Build(
        IReadOnlyList<LabelledDocument> documents, Tokenizer tokenizer, PartitionOptions options, string directory)
    {
        LabelledDocument[] distinct = [.. documents.DistinctBy(document => document.Text)];
        var (users, userOf) = options.Partitioner.Assign(distinct);
        List<int>[] ids =
            [.. distinct.AsParallel().AsOrdered().Select(document => tokenizer.EncodeDocument(document.Text))];

        var shards = new Dictionary<(string User, Split Split), int[]>();
        var written = new List<UserSummary>();
        var dropped = new List<string>();
        var documentsOf = Enumerable.Range(0, distinct.Length).ToLookup(i => userOf[i]);
        for (var user = 0; user < users.Count; user++)
        {
            int[] own = [.. documentsOf[user]];
            var parts = own.Length >= DocumentSplitter.FewestDocuments ? Parts(own) : null;
            var complaint = Complaint(users[user], own.Length, parts, options.MinTokens);
            if (complaint is null)
            {
                foreach (var split in Enum.GetValues<Split>())
                {
                    shards[(users[user], split)] = parts![split];
                }

                written.Add(Summary(users[user], [.. own.Select(i => distinct[i])], parts!));
            }
            else if (options.SmallUsers == SmallUsers.Drop)
            {
                dropped.Add(users[user]);
            }
            else
            {
                throw new BadInputException(complaint);
            }
        }

        if (written.Count == 0)
        {
            throw new BadInputException(
                $"None of the {users.Count} users has {options.MinTokens} tokens for each of train, valid and test.");
        }

        Dataset.Write(directory, tokenizer.VocabularySize, shards);
        return new([.. written], [.. dropped], documents.Count - distinct.Length);

        Dictionary<Split, int[]> Parts(int[] own)
        {
            var splits = DocumentSplitter.Split(
                [.. own.Select(i => (distinct[i].Text, ids[i].Count))], options.Fractions, options.Seed);
            return Enum.GetValues<Split>().ToDictionary(split => split, split => own
                .Where((_, position) => splits[position] == split).SelectMany(i => ids[i]).ToArray());
        }
    }

    /// <returns>Null if every shard is long enough.</returns>
    private static string? Complaint(string user, int documents, Dictionary<Split, int[]>? parts, int minTokens)
    {
        const string Ways = "take fewer users, a more even partition, or leave such users out";
        if (parts is null)
        {
            return $"User '{user}' has {documents} documents, but train, valid and test need one each: {Ways}.";
        }

        var (split, ids) = parts.MinBy(part => part.Value.Length);
        return ids.Length < minTokens
            ? $"User '{user}' has {documents} documents and {ids.Length} tokens in "
                + $"{split.ToString().ToLowerInvariant()}, but needs at least {minTokens} there: {Ways}."
            : null;
    }

    private static UserSummary Summary(
        string user, LabelledDocument[] documents, Dictionary<Split, int[]> parts) => new(
        user,
        documents.Length,
        new(parts[Split.Train].Length, parts[Split.Valid].Length, parts[Split.Test].Length),
        documents.Where(document => document.Label is not null).GroupBy(document => document.Label!)
            .ToImmutableSortedDictionary(
                label => label.Key, label => (double)label.Count() / documents.Length, StringComparer.Ordinal));
}
