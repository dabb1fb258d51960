using CoMiGS.Learning.Data;
using CoMiGS.Learning.Data.Partitioning;

namespace CoMiGS.Learning.Tests.Data;

/// <summary>A made-up corpus: documents of different lengths, labels of different frequency, writers.</summary>
internal static class Corpus
{
    /// <summary>Ids 0–255 are the bytes, 256 the end of text.</summary>
    public static readonly Tokenizer Bytes = TokenizerTrainer.Train(["some text"], 257);

    /// <param name="count">Documents; a third has label a, the others b, c or d.</param>
    public static LabelledDocument[] Of(int count)
    {
        var random = Randomness.Of(3);
        return [.. Enumerable.Range(0, count).Select(i => new LabelledDocument(
            $"{i}: {new string('x', random.NextBelow(80))}", "aabcd"[random.NextBelow(5)].ToString(),
            $"writer {random.NextBelow(6)}", $"corpus:{i + 1}"))];
    }
}
