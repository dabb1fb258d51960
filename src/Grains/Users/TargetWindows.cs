using CoMiGS.Learning;
using CoMiGS.Learning.Data;

namespace CoMiGS.Grains.Users;

/// <summary>The fixed windows a target is measured on: consecutive, each predicting the next sequenceLength tokens, the
/// last one of a shard what is left. So every token but a shard's first is predicted once.</summary>
internal static class TargetWindows
{
    /// <param name="streams">With k of them, window w of stream s is used when w mod k = s.</param>
    /// <param name="tokens">At most about so many targets, by even striding over the windows; 0 = all.</param>
    /// <returns>Windows of 2 to sequenceLength + 1 tokens.</returns>
    /// <exception cref="BadInputException">There is no window: the shards are too short.</exception>
    public static IReadOnlyList<int[]> Of(IReadOnlyList<TokenStream> streams, int sequenceLength, int tokens)
    {
        var all = streams.SelectMany((stream, phase) => Starts(stream, phase, streams.Count, sequenceLength)).ToList();
        if (all.Count == 0)
        {
            throw new BadInputException(
                $"{streams[0].Name} has {streams[0].Length} tokens; at least 2 are needed to measure anything.");
        }

        var wanted = tokens == 0 ? all.Count : Math.Clamp(tokens / sequenceLength, 1, all.Count);
        return [.. Enumerable.Range(0, wanted)
            .Select(i => all[(int)((long)i * all.Count / wanted)])
            .Select(at => Read(at.Stream, at.Start, sequenceLength))];
    }

    private static IEnumerable<(TokenStream Stream, long Start)> Starts(
        TokenStream stream, int phase, int stride, int sequenceLength)
    {
        var start = (long)phase * sequenceLength;
        for (; start < stream.Length - 1; start += (long)stride * sequenceLength)
        {
            yield return (stream, start);
        }
    }

    private static int[] Read(TokenStream stream, long start, int sequenceLength)
    {
        var window = new int[Math.Min(sequenceLength + 1, stream.Length - start)];
        stream.CopyTo(start, window);
        return window;
    }
}
