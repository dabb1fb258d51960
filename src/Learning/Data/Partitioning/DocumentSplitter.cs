namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>
/// Train, valid and test of one user, whole documents each. The documents stand in an order that depends on seed and
/// text alone; a document goes where its middle token falls, so that the fractions are kept in tokens. Every split gets
/// at least one document.
/// </summary>
internal static class DocumentSplitter
{
    /// <summary>What fewer documents cannot be split into.</summary>
    public const int FewestDocuments = 3;

    /// <param name="documents">Text and tokens (at least 1) of each, at least <see cref="FewestDocuments"/>.</param>
    /// <param name="fractions">Of the tokens.</param>
    /// <param name="seed">Of the order.</param>
    /// <returns>The split of every document, in the documents' order.</returns>
    public static Split[] Split(
        IReadOnlyList<(string Text, int Tokens)> documents, SplitFractions fractions, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(documents.Count, FewestDocuments);
        var order = Enumerable.Range(0, documents.Count)
            .OrderBy(i => DocumentOrder.Key(seed, "split", documents[i].Text)).ToArray();
        var total = documents.Sum(document => (double)document.Tokens);
        var before = 0.0;
        double[] middles = [.. order.Select(i => (before += documents[i].Tokens) - (documents[i].Tokens / 2.0))];

        var trained = middles.Count(middle => middle < fractions.Train * total);
        var trainEnd = Math.Clamp(trained, 1, documents.Count - 2);
        var validated = middles.Count(middle => middle < (fractions.Train + fractions.Valid) * total);
        var validEnd = Math.Clamp(validated, trainEnd + 1, documents.Count - 1);

        var splits = new Split[documents.Count];
        for (var position = 0; position < order.Length; position++)
        {
            splits[order[position]] =
                position < trainEnd ? Data.Split.Train : position < validEnd ? Data.Split.Valid : Data.Split.Test;
        }

        return splits;
    }
}
