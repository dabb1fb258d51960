using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Grains.Users;

/// <summary>The token streams a user trains on.</summary>
/// <param name="Train">What train batches come from: the train shards without their holdouts, and with some methods the
/// valid shards, too.</param>
/// <param name="Valid">What the router's phases on valid text read.</param>
internal sealed record UserShards(IReadOnlyList<TokenStream> Train, IReadOnlyList<TokenStream> Valid)
{
    /// <exception cref="BadInputException">A shard cannot be used; the message names the file.</exception>
    public static UserShards Open(UserSpec user, int vocabularySize, Method method)
    {
        var train = user.Train.Select(text =>
        {
            var shard = TokenStream.Open(text.Shard, vocabularySize);
            var (start, length) = Holdout.PartOf(shard.Length, user.Holdout, text.Start, text.Share);
            return shard.Slice(start, length);
        });
        IReadOnlyList<TokenStream> valid =
            method.TrainsOnValid ? [.. user.Valid.Select(path => TokenStream.Open(path, vocabularySize))] : [];
        return new(method.ExpertsOnValid ? [.. train, .. valid] : [.. train], valid);
    }

    /// <summary>Tokens of the train shards that training reads.</summary>
    public static long TrainTokens(UserSpec user, int vocabularySize) => user.Train.Sum(
        text => Holdout.TrainTokens(
            TokenStream.Open(text.Shard, vocabularySize).Length, user.Holdout, text.Share));

    /// <summary>The streams of a target: whole shards, or the part of train shards that training never reads.</summary>
    /// <exception cref="BadInputException">A shard cannot be used, or there is no holdout.</exception>
    public static IReadOnlyList<TokenStream> OpenTarget(UserSpec user, TargetSpec target, int vocabularySize)
    {
        if (target.IsHoldout && user.Holdout <= 0)
        {
            throw new BadInputException(
                $"target '{target.Name}' of user '{user.Id}' is its holdout, but its holdout is {user.Holdout}.");
        }

        return [.. target.Shards.Select(path =>
        {
            var stream = TokenStream.Open(path, vocabularySize);
            var start = target.IsHoldout ? Holdout.Start(stream.Length, user.Holdout) : 0;
            return stream.Slice(start, stream.Length - start);
        })];
    }
}
