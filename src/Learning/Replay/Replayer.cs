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
    private readonly SharedParameters server;
    private readonly SharedParameters[] shared;
    private readonly Exchange[] exchanges;
    private readonly RecordedBatches[] batches;
    private readonly UserModel[] users;
    private readonly int[] lossesSeen;
    private readonly Difference logits = new("logits", LossTolerance);
    private readonly Difference losses = new("loss", LossTolerance);
    private readonly Difference parameters = new("user", ParameterTolerance);
    private readonly Difference averages = new("server", ParameterTolerance);

    private Replayer(string folder, RecordedRun run, SafetensorsFile file, ITrainer trainer)
    {
        (this.folder, this.run, this.file, this.trainer) = (folder, run, file, trainer);
        layouts = [.. run.Users.Select(shape => ParameterLayout.Of(run.Model, shape))];
        shared = [.. layouts.Select(layout => new SharedParameters(layout, run.Sharing))];
        server = shared.MaxBy(part => part.Length)!;
        exchanges = [.. shared.Select(part => new Exchange(server, part, run.Aggregation, run.Plan.Pruning))];
        batches = [.. run.Users.Select((_, user) => new RecordedBatches(file, user, run.Model.VocabularySize))];
        users = [.. layouts.Select((layout, user) =>
            UserModel.Start(layout.Adapters, Recorded(layout, $"init.user.{user}.")))];
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
        var values = InitialServer();
        for (var round = 0; round < run.Rounds; round++)
        {
            await TrainAsync(round, values, stop);
            values = Aggregate();
            CompareServer(round, values);
        }

        return new(folder, run.Name, [logits, losses, parameters, averages]);
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

    private float[]? InitialServer() =>
        file.TensorNames.Any(name => name.StartsWith("init.server.", StringComparison.Ordinal))
            ? server.Of(Recorded(server.Layout, "init.server.", run.Sharing))
            : null;

    private async Task TrainAsync(int round, float[]? values, CancellationToken stop)
    {
        var plan = run.Plan with { FirstStep = round * run.Plan.StepCount };
        var before = users.Zip(exchanges, (user, exchange) =>
            values is null ? user : exchange.Receive(user, values)).ToArray();
        var outcomes = await Task.WhenAll(before.Select((user, index) =>
            trainer.TrainAsync(new(user, plan, batches[index]), stop)));
        for (var user = 0; user < users.Length; user++)
        {
            var after = outcomes[user].User;
            users[user] = plan.Pruning?.Prune(layouts[user], before[user], after) ?? after;
            batches[user].EndRound();
            CompareLosses(user, outcomes[user].Losses);
            Compare(parameters, InPlace(layouts[user]), $"round.{round}.user.{user}.", users[user].Parameters);
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

    private float[]? Aggregate() => server.Length == 0
        ? null
        : run.Aggregation.Combine(
            [.. users.Select((user, index) => new Upload(
                $"{index}", run.Weights[index], shared[index], exchanges[index].Send(user)))],
            server);

    /// <summary>What the server has; of a mean of products, what users make of it: its factors have no other name.
    /// </summary>
    private void CompareServer(int round, float[]? values)
    {
        if (run.Aggregation != AggregationRule.Product)
        {
            Compare(averages, server.All, $"round.{round}.server.", values);
            return;
        }

        for (var user = 0; user < users.Length; user++)
        {
            var received = exchanges[user].Receive(users[user], values!);
            Compare(averages, InPlace(layouts[user]), $"round.{round}.received.{user}.", received.Parameters);
        }
    }

    private static IEnumerable<SharedParameter> InPlace(ParameterLayout layout) =>
        layout.Parameters.Select(parameter => new SharedParameter(parameter, parameter.Offset));

    private void Compare(
        Difference difference, IEnumerable<SharedParameter> recorded, string prefix, float[]? ours)
    {
        foreach (var (parameter, start) in recorded)
        {
            var name = prefix + parameter.Name;
            difference.Compare(
                name, ours.AsSpan(start, parameter.Length), file.Floats(name, parameter.Rows, parameter.Columns));
        }
    }

    /// <returns>[layout length]; zero where <paramref name="sharing"/> covers nothing.</returns>
    private float[] Recorded(ParameterLayout layout, string prefix, Sharing sharing = Sharing.Everything)
    {
        var values = new float[layout.Length];
        foreach (var parameter in layout.Parameters.Where(parameter => sharing.Covers(parameter)))
        {
            file.Floats(prefix + parameter.Name, parameter.Rows, parameter.Columns)
                .CopyTo(values.AsSpan(parameter.Offset));
        }

        return values;
    }
}
