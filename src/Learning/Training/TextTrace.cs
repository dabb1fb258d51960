using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Training;

/// <summary>Where the tokens of one text go in a user's routers.</summary>
/// <param name="Tokens">The text each token adds; a character made of several tokens belongs to the last of
/// them.</param>
/// <param name="FirstExperts">[block][token]: expert with the largest weight. Empty without a router.</param>
/// <param name="FirstWeights">[block][token]: its weight, in [0, 1]. Empty without a router.</param>
/// <param name="GeneralistWeights">[block][token]: weight of expert 0, in [0, 1]. Empty without a router.</param>
/// <param name="IsCut">The text goes on after the last of the tokens.</param>
public sealed record TextTrace(
    string[] Tokens, byte[][] FirstExperts, float[][] FirstWeights, float[][] GeneralistWeights, bool IsCut)
{
    /// <param name="tokensMax">Where a longer text is cut.</param>
    /// <exception cref="BadInputException">The text is empty.</exception>
    public static async Task<TextTrace> OfAsync(
        ITrainer trainer, Tokenizer tokenizer, int tokensMax, string text, UserModel user, CancellationToken stop)
    {
        int[] all = [.. tokenizer.Encode(text)];
        int[] tokens = [.. all.Take(tokensMax)];
        if (tokens.Length == 0)
        {
            throw new BadInputException("A text to trace needs at least one token, but it is empty.");
        }

        int[] targets = [.. tokens.Skip(1), tokenizer.EndOfText];
        var inside = await trainer.InspectAsync(new(user, tokens.Length, tokens, targets, BalanceWeight: 0), stop);
        var experts = user.Shape.ExpertCount;
        return new(
            tokenizer.Pieces(tokens), [.. inside.FirstExperts],
            [
                .. inside.GateWeights.Zip(inside.FirstExperts, (weights, first) =>
                    first.Select((expert, token) => weights[(token * experts) + expert]).ToArray()),
            ],
            [.. inside.GateWeights.Select(weights => weights.Where((_, index) => index % experts == 0).ToArray())],
            all.Length > tokens.Length);
    }
}
