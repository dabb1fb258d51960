using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Replay;

/// <summary>One user's recorded micro-batches, in the order they were consumed across rounds.</summary>
internal sealed class RecordedBatches(SafetensorsFile file, int user, int vocabularySize) : IBatchSource
{
    private readonly Stream train = Stream.Read(file, $"batch.{user}.train", vocabularySize);
    private readonly Stream? valid =
        file.Contains($"batch.{user}.valid.x") ? Stream.Read(file, $"batch.{user}.valid", vocabularySize) : null;

    public void Fill(DataSplit split, int index, Span<int> tokens, Span<int> targets)
    {
        var stream = split == DataSplit.Train ? train : valid
            ?? throw new BadInputException($"{file.Name}: there is no tensor 'batch.{user}.valid.x'.");
        stream.Fill(index, tokens, targets, file.Name);
    }

    /// <summary>The next round begins where this one stopped.</summary>
    public void EndRound()
    {
        train.EndRound();
        valid?.EndRound();
    }

    /// <summary>A tensor of token ids, each in the vocabulary.</summary>
    /// <exception cref="BadInputException">No such tensor, another type, or an id outside.</exception>
    public static int[] Ids(SafetensorsFile file, string tensor, int vocabularySize)
    {
        var ids = file.Longs(tensor);
        var bad = Array.FindIndex(ids, id => id < 0 || id >= vocabularySize);
        return bad < 0
            ? Array.ConvertAll(ids, id => (int)id)
            : throw new BadInputException(
                $"{file.Name}: '{tensor}' holds token {ids[bad]} at {bad}, "
                + $"but the vocabulary has {vocabularySize}.");
    }

    private sealed class Stream(string name, int[] tokens, int[] targets)
    {
        private int first;
        private int next;

        public static Stream Read(SafetensorsFile file, string name, int vocabularySize) =>
            new(name, Ids(file, name + ".x", vocabularySize), Ids(file, name + ".y", vocabularySize));

        public void Fill(int index, Span<int> tokenSpan, Span<int> targetSpan, string fileName)
        {
            var start = (long)(first + index) * tokenSpan.Length;
            if (start + tokenSpan.Length > tokens.Length || tokens.Length != targets.Length)
            {
                throw new BadInputException(
                    $"{fileName}: '{name}' has {tokens.Length / tokenSpan.Length} micro-batches of "
                    + $"{tokenSpan.Length} tokens, "
                    + $"but the run consumes number {first + index + 1}.");
            }

            tokens.AsSpan((int)start, tokenSpan.Length).CopyTo(tokenSpan);
            targets.AsSpan((int)start, targetSpan.Length).CopyTo(targetSpan);
            next = Math.Max(next, first + index + 1);
        }

        public void EndRound() => first = next;
    }
}
