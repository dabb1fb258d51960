using CoMiGS.Grains.Placement;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Metrics;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Users;

/// <summary>Where a silo's users do their heavy work, off the grains' turns: reads a user's state and data, has the
/// trainer compute, writes what came out. The silo's
/// <see cref="SiloCapacity"/> bounds how many are in memory at a time.</summary>
public sealed class UserWorkshop(
    RunCatalog runs, IBlobStore blobs, SiloCapacity capacity, SiloLife silo)
{
    /// <summary>Parameters and both moments, before, after, and as the bytes that are written.</summary>
    private const int VectorsOfAUser = 9;

    private readonly Admission admission = new(capacity);
    private readonly UserMeasurements measurements = new();
    private readonly UserReception reception = new(runs);

    /// <summary>One round of a user; its state afterwards is stored as that round's, the state before is
    /// untouched.</summary>
    /// <returns>The receipt, and the shared parameters as bytes.</returns>
    public Task<(UserReceipt Receipt, byte[] Shared)> TrainAsync(
        UserKey key, RoundTicket ticket, CancellationToken stop) =>
        WorkAsync(key, stop, async (run, stop) =>
        {
            var started = silo.Time.GetTimestamp();
            var user = run.User(key.User);
            var before = await LoadAsync(run, key, new(ticket.Version, ticket.Generalist), stop, toTrain: true);
            var shards = UserShards.Open(user, run.Trainer.Model.VocabularySize, run.Method);
            var plan = run.PlanOf(user, ticket.Round);
            var outcome = await run.Trainer.TrainAsync(
                new(before, plan, new UserBatches(
                    run.Spec.Seed, ticket.Round, key.User, run.Spec.Training.SequenceLength, shards)), stop);
            var after = UserCheckpoint.AsStored(
                plan.Pruning?.Prune(run.LayoutOf(user), before, outcome.User) ?? outcome.User, run.Moments);
            await blobs.WriteAsync(
                BlobNames.User(key.Experiment, key.User, ticket.Round), UserCheckpoint.ToBytes(after, run.Moments),
                stop);
            var shared = ContentHash.ToBytes(run.ExchangeOf(user).Send(after));
            var receipt = new UserReceipt
            {
                User = key.User,
                Round = ticket.Round,
                Attempt = ticket.Attempt,
                Silo = "",
                TrainLoss = LossOf(outcome, phase => phase != Phase.Router),
                RouterLoss = LossOf(outcome, phase => phase == Phase.Router),
                Tokens = outcome.Losses.Sum(loss => (long)loss.Tokens),
                BytesSent = run.Method.PoolsData ? 0 : shared.Length,
                ElapsedSeconds = silo.Time.GetElapsedTime(started).TotalSeconds,
            };
            return (receipt, shared);
        });

    /// <summary>The shared parameters of a stored state, as bytes; empty when the method shares nothing.</summary>
    public Task<byte[]> ReadSharedAsync(UserKey key, int version, CancellationToken stop) =>
        WorkAsync(key, stop, async (run, stop) => run.Server.Length == 0
            ? []
            : ContentHash.ToBytes(run.ExchangeOf(run.User(key.User)).Send(
                await LoadAsync(run, key, new(version, null), stop))));

    public Task<UserEvaluation> EvaluateAsync(
        UserKey key, EvaluationTicket ticket, UserVersion version, CancellationToken stop) =>
        WorkAsync(key, stop, async (run, stop) => ticket.Base
            ? await measurements.MeasureBaseAsync(run, run.User(key.User), ticket, stop)
            : await measurements.MeasureAsync(
                run, run.User(key.User), ticket, await LoadAsync(run, key, version, stop), stop));

    public Task<TokenTrace> TraceAsync(UserKey key, string text, UserVersion version, CancellationToken stop) =>
        WorkAsync(key, stop, async (run, stop) => await UserTrace.OfAsync(
            run, text, await LoadAsync(run, key, version, stop), stop));

    public Task ExportAsync(UserKey key, UserVersion version, CancellationToken stop) =>
        WorkAsync(key, stop, async (run, stop) =>
        {
            var user = await LoadAsync(run, key, version, stop);
            var layout = run.LayoutOf(run.User(key.User));
            var folder = Directory.CreateDirectory(Path.Combine(run.Spec.Output, "adapters"));
            var bytes = UserCheckpoint.Export(user.Parameters, layout, new Dictionary<string, string>
            {
                ["experiment"] = key.Experiment,
                ["method"] = run.Method.Name,
                ["user"] = key.User,
            });
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, key.User + ".safetensors"), bytes, stop);
            return true;
        });

    private async Task<UserModel> LoadAsync(
        Run run, UserKey key, UserVersion version, CancellationToken stop, bool toTrain = false)
    {
        var spec = run.User(key.User);
        var user = run.NewUser(spec);
        if (version.Version >= 0)
        {
            var name = BlobNames.User(key.Experiment, key.User, version.Version);
            var bytes = await blobs.ReadAsync(name, stop)
                ?? throw new UserFailedException($"its state after round {version.Version} is not stored");
            user = UserCheckpoint.FromBytes(bytes, run.LayoutOf(spec), run.Moments, name);
        }

        return await reception.ReceiveAsync(run, spec, user, version, toTrain, stop);
    }

    private async Task<TResult> WorkAsync<TResult>(
        UserKey key, CancellationToken stop, Func<Run, CancellationToken, Task<TResult>> work)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, silo.Stopping);
        try
        {
            var run = await runs.GetAsync(key.Experiment, either.Token);
            using var place = await admission.EnterAsync(BytesOf(run, run.User(key.User)), either.Token);
            return await Task.Run(() => work(run, either.Token), either.Token);
        }
        catch (BadInputException bad)
        {
            throw new ExperimentFailedException(bad.Message);
        }
    }

    /// <summary>Memory of a user at work: its state, and what the trainer needs for it.</summary>
    private static long BytesOf(Run run, UserSpec user)
    {
        var layout = run.LayoutOf(user);
        return ((long)VectorsOfAUser * sizeof(float) * layout.Length)
            + run.Trainer.BytesFor(layout.Adapters, user.MicroBatch, run.Spec.Training.SequenceLength);
    }

    private static Weighted LossOf(LocalOutcome outcome, Func<Phase, bool> counts) => outcome.Losses
        .Where(loss => counts(loss.Phase))
        .Aggregate(default(Weighted), (sum, loss) => sum + Weighted.Of(loss.CrossEntropy, loss.Tokens));
}
