using CoMiGS.Learning;
using CoMiGS.Learning.Data;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Dashboard.Tracing;

/// <summary>Passages of what a user is measured on.</summary>
internal static class TestTexts
{
    /// <summary>Tokens of a passage: as many as one reads at a glance.</summary>
    private const int Length = 64;

    /// <param name="number">Which passage; they go round.</param>
    /// <exception cref="BadInputException">The text cannot be read.</exception>
    public static string Of(Arm arm, string user, int number)
    {
        var shard = arm.Spec.Users.First(candidate => candidate.Id == user).Targets[0].Shards[0];
        var tokenizer = Tokenizer.Load(Path.Combine(arm.Spec.Base, "tokenizer.json"));
        var stream = TokenStream.Open(shard, tokenizer.VocabularySize);
        var passages = Math.Max(1, stream.Length / Length);
        var start = number % passages * Length;
        var tokens = new int[Math.Min(Length, stream.Length - start)];
        stream.CopyTo(start, tokens);
        var document = tokens.SkipWhile(token => token == tokenizer.EndOfText)
            .TakeWhile(token => token != tokenizer.EndOfText).ToArray();
        return tokenizer.Decode(document).Trim('\uFFFD');
    }
}
