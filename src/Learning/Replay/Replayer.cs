using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Replay;

/// <summary>Replays a recorded run of the reference implementation and compares every number that was recorded: logits
/// and losses of a first forward pass, the loss of every micro-batch, all parameters after every round.</summary>
public sealed class Replayer
{
    /// <summary>A replay passes at or below this for logits and losses.</summary>
    public const double LossTolerance = 2e-6;

    /// <summary>And at or below this for parameters: AdamW's normalised step amplifies rounding.</summary>
    public const double ParameterTolerance = 1e-4;

    private readonly string folder;
    private readonly RecordedRun run;
    private readonly SafetensorsFile file;
    private readonly ITrainer trainer;
    private readonly ParameterLayout[] layouts;
    private readonly RecordedBatches[] batches;
    private readonly UserModel[] users;
    private readonly int[] lossesSeen;
    private readonly Difference logits = new("logits", LossTolerance);
    private readonly Difference losses = new("loss", LossTolerance);
    private readonly Difference parameters = new("user", ParameterTolerance);
    private readonly Difference server = new("server", ParameterTolerance);

    private Replayer(string folder, RecordedRun run, SafetensorsFile file, ITrainer trainer)
    {
        (this.folder, this.run, this.file, this.trainer) = (folder, run, file, trainer);
        layouts = [.. run.Users.Select(shape => ParameterLayout.Of(run.Model, shape))];
        batches = [.. run.Users.Select((_, user) => new RecordedBatches(file, user, run.Model.VocabularySize))];
        users = [.. layouts.Select((layout, user) =>
            UserModel.Start(layout.Adapters, Recorded(layout, layout.Length, $"init.user.{user}.")))];
        lossesSeen = new int[users.Length];
    }

    /// <summary>Replays FOLDER/run.json and FOLDER/tensors.safetensors.</summary>
    /// <param name="createTrainer">Makes the device to replay on; disposed here.</param>
    /// <exception cref="BadInputException">A file is missing, damaged, or not a recording that can be
    /// replayed.</exception>
    public static async Task<ReplayReport> RunAsync(
        string folder, Func<BaseCheckpoint, ITrainer> createTrainer, CancellationToken stop)
    {
        var run = RecordedRun.Read(Path.Combine(folder, "run.json"));
        var file = SafetensorsFile.Open(Path.Combine(folder, "tensors.safetensors"));
        using var trainer = createTrainer(BaseCheckpointReader.Read(file, run.Model, "base.transformer."));
        return await new Replayer(folder, run, file, trainer).RunAsync(stop);
    }

    private async Task<ReplayReport> RunAsync(CancellationToken stop)
    {
        await ProbeAsync(stop);
        var shared = InitialServer();
        for (var round = 0; round < run.Rounds; round++)
        {
            await TrainAsync(round, shared, stop);
            shared = Mean(shared.Length);
            CompareServer(round, shared);
        }

        return new(folder, run.Name, [logits, losses, parameters, server]);
    }

    /// <summary>One forward pass before any training; its targets are its tokens rolled left by one.</summary>
    private async Task ProbeAsync(CancellationToken stop)
    {
        for (var user = 0; user < users.Length; user++)
        {
            var name = $"probe.{user}.x";
            var tokens = RecordedBatches.Ids(file, name, run.Model.VocabularySize);
            var length = file.Shape(name) is [.., var last] ? last : 0;
            if (length < 1 || length > run.Model.PositionCount)
            {
                throw new BadInputException(
                    $"{file.Name}: rows of '{name}' have {length} tokens, but the model takes 1 to "
                    + $"{run.Model.PositionCount}.");
            }

            var targets = tokens.Select((_, i) => tokens[(i / length * length) + ((i + 1) % length)]).ToArray();
            var seen = await trainer.InspectAsync(
                new(users[user], length, tokens, targets, run.Plan.BalanceWeight), stop);
            logits.Compare(
                $"probe.{user}.logits", seen.Logits,
                file.Floats($"probe.{user}.logits", tokens.Length / length, length, run.Model.VocabularySize));
            losses.Compare(
                $"probe.{user}.loss", [seen.Loss.Optimised, seen.Loss.CrossEntropy],
                RecordedLosses($"probe.{user}.loss", rows: 1)[..2]);
        }
    }

    private float[] InitialServer()
    {
        var length = layouts[0].SharedLength(run.Sharing);
        return file.TensorNames.Any(name => name.StartsWith("init.server.", StringComparison.Ordinal))
            ? Recorded(layouts[0], length, "init.server.")
            : [];
    }

    private async Task TrainAsync(int round, float[] shared, CancellationToken stop)
    {
        var plan = run.Plan with { FirstStep = round * run.Plan.StepCount };
        var outcomes = await Task.WhenAll(users.Select((user, index) =>
            trainer.TrainAsync(new(user.WithPrefix(shared), plan, batches[index]), stop)));
        for (var user = 0; user < users.Length; user++)
        {
            users[user] = outcomes[user].User;
            batches[user].EndRound();
            CompareLosses(user, outcomes[user].Losses);
            Compare(
                parameters, layouts[user], layouts[user].Length, $"round.{round}.user.{user}.", users[user].Parameters);
        }
    }

    private void CompareLosses(int user, IReadOnlyList<BatchLoss> ours)
    {
        var recorded = RecordedLosses($"losses.{user}", lossesSeen[user] + ours.Count);
        foreach (var loss in ours)
        {
            var row = lossesSeen[user]++;
            losses.Compare($"losses.{user}[{row}]", [loss.Optimised, loss.CrossEntropy], recorded.Slice(2 * row, 2));
        }
    }

    /// <summary>Pairs of optimised loss and cross-entropy, at least <paramref name="rows"/> of them.</summary>
    private ReadOnlySpan<double> RecordedLosses(string tensor, int rows)
    {
        var losses = file.Doubles(tensor);
        return losses.Length >= 2 * rows
            ? losses
            : throw new BadInputException(
                $"{file.Name}: '{tensor}' has {losses.Length / 2} rows, but the run makes more forward passes.");
    }

    private float[] Mean(int length)
    {
        var sum = new FixedPointSum(length);
        for (var user = 0; user < users.Length; user++)
        {
            sum.Add($"{user}", users[user].Parameters.AsSpan(0, length), layouts[user]);
        }

        return sum.Mean();
    }

    private void CompareServer(int round, float[] shared) =>
        Compare(server, layouts[0], shared.Length, $"round.{round}.server.", shared);

    private void Compare(Difference difference, ParameterLayout layout, int length, string prefix, float[] ours)
    {
        foreach (var parameter in layout.Parameters.TakeWhile(parameter => parameter.Offset < length))
        {
            var name = prefix + parameter.Name;
            difference.Compare(
                name, ours.AsSpan(parameter.Offset, parameter.Length),
                file.Floats(name, parameter.Rows, parameter.Columns));
        }
    }

    private float[] Recorded(ParameterLayout layout, int length, string prefix)
    {
        var values = new float[length];
        foreach (var parameter in layout.Parameters.TakeWhile(parameter => parameter.Offset < length))
        {
            file.Floats(prefix + parameter.Name, parameter.Rows, parameter.Columns)
                .CopyTo(values.AsSpan(parameter.Offset));
        }

        return values;
    }
}
