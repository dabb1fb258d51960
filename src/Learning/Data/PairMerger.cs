namespace CoMiGS.Learning.Data;

/// <summary>Applies merges to one word: always the earliest-learned pair, the leftmost of equals, until none is left.
/// A heap over a linked list, so a word of n bytes costs n log n (a "word" can be a megabyte of symbols).</summary>
internal static class PairMerger
{
    private const int Gone = -1;

    public static int[] Merge(int[] tokens, Dictionary<(int Left, int Right), (int Rank, int Token)> merges)
    {
        if (tokens.Length < 2)
        {
            return tokens;
        }

        int[] next = new int[tokens.Length], previous = new int[tokens.Length];
        var queue = new PriorityQueue<(int At, int Left, int Right), (int Rank, int At)>();
        for (var i = 0; i < tokens.Length; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1 < tokens.Length ? i + 1 : Gone;
            Offer(i);
        }

        while (queue.TryDequeue(out var pair, out _))
        {
            // A pair is stale once one of its two has been merged into something else.
            if (tokens[pair.At] != pair.Left || next[pair.At] == Gone || tokens[next[pair.At]] != pair.Right)
            {
                continue;
            }

            var right = next[pair.At];
            tokens[pair.At] = merges[(pair.Left, pair.Right)].Token;
            tokens[right] = Gone;
            next[pair.At] = next[right];
            if (next[right] != Gone)
            {
                previous[next[right]] = pair.At;
            }

            Offer(pair.At);
            if (previous[pair.At] >= 0)
            {
                Offer(previous[pair.At]);
            }
        }

        return Array.FindAll(tokens, token => token != Gone);

        void Offer(int at)
        {
            if (next[at] != Gone && merges.TryGetValue((tokens[at], tokens[next[at]]), out var merge))
            {
                queue.Enqueue((at, tokens[at], tokens[next[at]]), (merge.Rank, at));
            }
        }
    }
}
