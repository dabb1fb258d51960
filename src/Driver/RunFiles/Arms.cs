using System.Collections.Immutable;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Driver.RunFiles;

/// <summary>One run of one method out of a run file.</summary>
/// <param name="Label">Distinct within the file, e.g. fedavg or comigs-1g1s@own.</param>
/// <param name="Targets">What its users are measured on, in order of the file.</param>
internal sealed record Arm(string Label, Method Method, ImmutableArray<string> Targets, RunSpec Spec)
{
    /// <summary>Sizes of a user's adapters in this arm.</summary>
    public AdapterShape ShapeOf(UserSpec user) => new(
        user.Experts, user.MlpRank, Spec.Experts.AttentionRank, (float)Spec.Experts.Alpha, Spec.Experts.TopK,
        Method.HasRouter);
}

/// <summary>Expands a run file into arms: every method, and a method that trains on valid text once per target, because
/// its valid text comes from the target. The others train once and are measured on every target. An arm begins when the
/// one before it has finished.</summary>
internal static class Arms
{
    /// <summary>The main method on the main target comes first; it alone writes into <paramref name="output"/>
    /// itself.</summary>
    /// <param name="output">Folder of the results, absolute.</param>
    /// <exception cref="BadInputException">A method cannot run with these users.</exception>
    public static ImmutableArray<Arm> Of(RunFile file, string output)
    {
        var plans =
            from name in file.Baselines.Prepend(file.Method).Distinct()
            let method = MethodCatalog.Named(name)
            let perTarget = method.TrainsOnValid && file.Targets.Length > 1
            from targets in perTarget ? file.Targets.Select(target => ImmutableArray.Create(target)) : [file.Targets]
            select (Label: perTarget ? $"{name}@{targets[0]}" : name, method, targets);
        var arms = ImmutableArray.CreateBuilder<Arm>();
        foreach (var (label, method, targets) in plans)
        {
            var folder = arms.Count == 0 ? output : Path.Combine(output, "arms", label);
            var spec = Spec(file, label, method, targets, folder);
            arms.Add(new(label, method, targets, spec with { After = arms.LastOrDefault()?.Spec.Experiment }));
        }

        return arms.ToImmutable();
    }

    private static RunSpec Spec(
        RunFile file, string label, Method method, ImmutableArray<string> targets, string output)
    {
        var settings = file.SettingsOf(method.Name);
        var users = file.Users.OrderBy(user => user.Id, StringComparer.Ordinal)
            .Select(user => User(file, user, method, settings.Experts, targets)).ToImmutableArray();
        CheckSharing(method, users);
        return new()
        {
            Experiment = $"{file.Name}.{label.Replace('@', '.')}",   // '/' and '@' separate the parts of grain keys
            Method = method.Name,
            Seed = file.Seed,
            Rounds = file.Rounds,
            Base = file.Base,
            Training = settings.Training,
            Experts = settings.Experts,
            Router = settings.Router,
            Evaluation = file.Evaluation,
            Round = file.Round,
            Users = users,
            Output = output,
        };
    }

    private static UserSpec User(
        RunFile file, UserEntry user, Method method, ExpertSpec experts, ImmutableArray<string> targets)
    {
        var count = user.Experts ?? experts.Count;
        if (method.FixedExperts is { } wanted && count != wanted)
        {
            // A baseline brings its own number of experts; the main method is what the file's numbers are about.
            count = method.Name != file.Method
                ? wanted
                : throw new BadInputException(
                    $"user '{user.Id}' has {count} experts, but with method '{method.Name}' everyone has {wanted}; "
                    + "change 'experts.count' or the user's 'experts'.");
        }

        return new()
        {
            Id = user.Id,
            Experts = count,
            MlpRank = user.MlpRank ?? experts.MlpRank,
            Train = Shard(file, user.Id, "train"),
            Holdout = file.Data.Holdout,
            Valid = method.TrainsOnValid ? Shards(file, user, targets[0], "valid") : [],
            Targets = [.. targets.Select(target => new TargetSpec
            {
                Name = target,
                Shards = Shards(file, user, target, file.Data.Evaluate == MeasuredText.Holdout ? "train" : "test"),
                IsHoldout = file.Data.Evaluate == MeasuredText.Holdout,
            })],
        };
    }

    private static ImmutableArray<string> Shards(RunFile file, UserEntry user, string target, string split) =>
        target == RunFile.OwnTarget
            ? [Shard(file, user.Id, split)]
            : [.. file.Users.Select(other => other.Id).Order(StringComparer.Ordinal)
                .Select(id => Shard(file, id, split))];

    private static string Shard(RunFile file, string user, string split) =>
        Path.Combine(file.Data.Folder, user, $"{split}.bin");

    /// <summary>What is averaged must have one shape.</summary>
    private static void CheckSharing(Method method, ImmutableArray<UserSpec> users)
    {
        var first = users[0];
        foreach (var user in users.Where(_ => method.Sharing != Sharing.Nothing))
        {
            if (user.MlpRank != first.MlpRank)
            {
                throw Differs("mlpRank", user.Id, user.MlpRank, first.MlpRank);
            }

            if (method.Sharing != Sharing.Generalist && user.Experts != first.Experts)
            {
                throw Differs("experts", user.Id, user.Experts, first.Experts);
            }
        }

        BadInputException Differs(string key, string user, int value, int other) => new(
            $"user '{user}' has {key} {value} and user '{first.Id}' {other}, "
            + $"but method '{method.Name}' averages them.");
    }
}
