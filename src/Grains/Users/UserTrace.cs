using System.Collections.Immutable;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Users;

/// <summary>Follows one text through a user's routers.</summary>
internal static class UserTrace
{
    /// <exception cref="BadInputException">The text is empty, or the base has no usable tokenizer.</exception>
    public static async Task<TokenTrace> OfAsync(Run run, string text, UserModel user, CancellationToken stop)
    {
        var tokenizer = Tokenizer.Load(Path.Combine(run.Spec.Base, "tokenizer.json"));
        int[] tokens = [.. tokenizer.Encode(text).Take(run.Spec.Training.SequenceLength)];
        if (tokens.Length == 0)
        {
            throw new BadInputException("A text to trace needs at least one token, but it is empty.");
        }

        int[] targets = [.. tokens.Skip(1), tokenizer.EndOfText];
        var inside = await run.Trainer.InspectAsync(new(user, tokens.Length, tokens, targets, BalanceWeight: 0), stop);
        var experts = user.Shape.ExpertCount;
        return new(
            [.. tokenizer.Pieces(tokens)],
            [.. inside.FirstExperts.Select(block => block.ToImmutableArray())],
            [.. inside.GateWeights.Select(block => ExpertZero(block, experts))]);
    }

    private static ImmutableArray<float> ExpertZero(float[] weights, int experts) =>
        [.. Enumerable.Range(0, weights.Length / experts).Select(token => weights[token * experts])];
}
