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
        var trace = await TextTrace.OfAsync(
            run.Trainer, tokenizer, run.Spec.Training.SequenceLength, text, user, stop);
        return new(
            [.. trace.Tokens],
            [.. trace.FirstExperts.Select(block => block.ToImmutableArray())],
            [.. trace.GeneralistWeights.Select(block => block.ToImmutableArray())],
            [.. trace.FirstWeights.Select(block => block.ToImmutableArray())],
            trace.IsCut);
    }
}
