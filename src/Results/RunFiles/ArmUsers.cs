using System.Collections.Immutable;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Results.RunFiles;

/// <summary>The users of a run file as one method sees them.</summary>
internal static class ArmUsers
{
    /// <param name="targets">What they are measured on; valid text comes from the first.</param>
    /// <returns>In order of id.</returns>
    /// <exception cref="BadInputException">The main method cannot have the experts that the file gives a
    /// user.</exception>
    public static ImmutableArray<UserSpec> Of(
        RunFile file, Method method, MethodSettings settings, ImmutableArray<string> targets)
    {
        var shards = new ShardPaths(file);
        var users = Population.Of(file).Select(user => User(file, user, method, settings, targets, shards))
            .ToImmutableArray();
        if (method.PoolsData)
        {
            if (users.Select(user => (user.MicroBatch, user.LocalSteps)).Distinct().Count() > 1)
            {
                throw new BadInputException(
                    $"{file.Source}: method '{method.Name}' takes everybody's batches together, but users differ in "
                    + "'microBatch' or 'localSteps'.");
            }

            users = Pooled(users);
        }

        if (file.Round.Sampling == Sampling.Size)
        {
            users = [.. users.Select(user => user with { SamplingWeight = TrainTokens(user) })];
        }

        return method.WeighsByTokens || settings.Aggregation.Weights == UserWeights.Tokens
            ? ByTokens(users)
            : users;
    }

    private static UserSpec User(
        RunFile file, UserEntry user, Method method, MethodSettings settings, ImmutableArray<string> targets,
        ShardPaths shards)
    {
        var (everybody, own) = (settings.Experts.Count, user.Experts ?? settings.Experts.Count);
        var (experts, rank) = method.Experts.Of(everybody, own, user.MlpRank ?? settings.Experts.MlpRank);
        if (method.Name == file.Method && method.Experts is ExpertCounts.Two or ExpertCounts.Same && own != experts)
        {
            // A baseline brings its own number of experts; the main method is what the file's numbers are about.
            throw new BadInputException(
                $"{file.Source}: user '{user.Id}' has {own} experts, but with method '{method.Name}' everyone has "
                + $"{experts}; change 'experts.count' or the user's 'experts', or take method "
                + $"{MethodCatalog.NamesOf(other => other.Experts == ExpertCounts.PerUser)}, with which they can "
                + "differ.");
        }

        var isHoldout = file.Data.Evaluate == MeasuredText.Holdout;
        return new()
        {
            Id = user.Id,
            Experts = experts,
            MlpRank = rank,
            AttentionRank = user.AttentionRank ?? settings.Experts.AttentionRank,
            LocalSteps = user.LocalSteps ?? settings.Training.LocalSteps,
            MicroBatch = user.MicroBatch ?? settings.Training.MicroBatch,
            Accumulation = settings.Training.Accumulation,
            Train = [new(shards.Of(user.Data!, RunFile.OwnTarget, Split.Train)[0], user.Share!.Value, user.Start)],
            Holdout = file.Data.Holdout,
            Valid = method.TrainsOnValid ? shards.Of(user.Data!, targets[0], Split.Valid) : [],
            Targets = [.. targets.Select(target => new TargetSpec
            {
                Name = target,
                Shards = shards.Of(user.Data!, target, isHoldout ? Split.Train : Split.Test),
                IsHoldout = isHoldout,
            })],
        };
    }

    /// <summary>The first user trains on everybody's text, with everybody's batches; what it learns is everybody's.
    /// </summary>
    private static ImmutableArray<UserSpec> Pooled(ImmutableArray<UserSpec> users) =>
    [
        users[0] with
        {
            Train = [.. users.SelectMany(user => user.Train)],
            Accumulation = users[0].Accumulation * users.Length,
        },
        .. users.Skip(1).Select(user => user with { Trains = false }),
    ];

    private static ImmutableArray<UserSpec> ByTokens(ImmutableArray<UserSpec> users)
    {
        var tokens = users.Select(TrainTokens).ToArray();
        return [.. users.Zip(tokens, (user, count) => user with { Weight = count / tokens.Max() })];
    }

    /// <summary>By the files' sizes; whether they can be used is the business of <see cref="InputCheck"/>.</summary>
    private static double TrainTokens(UserSpec user) => user.Train.Sum(text =>
    {
        var shard = new FileInfo(text.Shard);
        var tokens = shard.Exists ? shard.Length / sizeof(ushort) : 1;
        return Math.Max(1, Holdout.TrainTokens(tokens, user.Holdout, text.Share));
    });
}
