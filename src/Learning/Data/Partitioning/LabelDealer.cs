namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>
/// Deals out every label's documents in given proportions. The documents of a label stand in an order that depends on
/// seed and text alone. User k gets those from n·c(k−1) to n·c(k), where c are the cumulated proportions and both ends
/// are moved by the same random part of a document: every expected count is exact, however few documents a label has.
/// </summary>
internal static class LabelDealer
{
    /// <param name="documents">Labels that are null count as one label.</param>
    /// <param name="proportions">Of a label: one number ≥ 0 a user, their sum is 1.</param>
    /// <param name="seed">Of the order and of the rounding.</param>
    /// <returns>The index of the user of every document.</returns>
    public static int[] Deal(IReadOnlyList<LabelledDocument> documents, Func<string, double[]> proportions, ulong seed)
    {
        var users = new int[documents.Count];
        foreach (var label in Enumerable.Range(0, documents.Count).GroupBy(i => documents[i].Label ?? ""))
        {
            var order = label.OrderBy(i => DocumentOrder.Key(seed, "deal", documents[i].Text)).ToArray();
            var ends = Ends(proportions(label.Key), order.Length, Randomness.Of(
                seed, Randomness.Key("rounding"), Randomness.Key(label.Key)).NextDouble());
            var user = 0;
            for (var position = 0; position < order.Length; position++)
            {
                while (position >= ends[user])
                {
                    user++;
                }

                users[order[position]] = user;
            }
        }

        return users;
    }

    /// <summary>Where the part of every user ends; the last end is <paramref name="count"/>.</summary>
    private static int[] Ends(double[] shares, int count, double offset)
    {
        var ends = new int[shares.Length];
        var cumulated = 0.0;
        for (var user = 0; user < shares.Length; user++)
        {
            cumulated += shares[user];
            ends[user] = (int)Math.Clamp(Math.Floor((cumulated * count) + offset), 0, count);
        }

        ends[^1] = count;
        return ends;
    }
}
