using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Metrics;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Users;

/// <summary>Where a silo's users do their heavy work, off the grains' turns: reads a user's state and data, has the
/// trainer compute, writes what came out. A bounded number of users is in memory at a time.</summary>
public sealed class UserWorkshop(
    RunCatalog runs, IBlobStore blobs, WorkshopSettings settings, SiloLife silo) : IDisposable
{
    private readonly SemaphoreSlim places = new(settings.ConcurrentUsers);
    private readonly UserMeasurements measurements = new();

    /// <summary>One round of a user; its state afterwards is stored as that round's, the state before is
    /// untouched.</summary>
    /// <returns>The receipt, and the shared parameters as bytes.</returns>
    public Task<(UserReceipt Receipt, byte[] Shared)> TrainAsync(
        UserKey key, RoundTicket ticket, CancellationToken stop) =>
        WorkAsync(key, stop, async (run, stop) =>
        {
            var started = silo.Time.GetTimestamp();
            var user = run.User(key.User);
            var before = await LoadAsync(run, key, new(ticket.Version, ticket.Generalist), stop);
            var shards = UserShards.Open(
                user, run.Trainer.Model.VocabularySize, run.Method.Router == RouterMode.AlternatingOnValid);
            var outcome = await run.Trainer.TrainAsync(
                new(before, run.PlanOf(ticket.Round), new UserBatches(
                    run.Spec.Seed, ticket.Round, key.User, run.Spec.Training.SequenceLength, shards)), stop);
            await blobs.WriteAsync(
                BlobNames.User(key.Experiment, key.User, ticket.Round), UserCheckpoint.ToBytes(outcome.User), stop);
            var shared = ContentHash.ToBytes(outcome.User.Parameters.AsSpan(0, run.SharedLength));
            var receipt = new UserReceipt
            {
                User = key.User,
                Round = ticket.Round,
                Attempt = ticket.Attempt,
                Silo = "",
                TrainLoss = LossOf(outcome, phase => phase != Phase.Router),
                RouterLoss = LossOf(outcome, phase => phase == Phase.Router),
                Tokens = outcome.Losses.Sum(loss => (long)loss.Tokens),
                BytesSent = shared.Length,
                ElapsedSeconds = silo.Time.GetElapsedTime(started).TotalSeconds,
            };
            return (receipt, shared);
        });

    /// <summary>The shared parameters of a stored state, as bytes; empty when the method shares nothing.</summary>
    public Task<byte[]> ReadSharedAsync(UserKey key, int version, CancellationToken stop) =>
        WorkAsync(key, stop, async (run, stop) => run.SharedLength == 0
            ? []
            : ContentHash.ToBytes(
                (await LoadAsync(run, key, new(version, null), stop)).Parameters.AsSpan(0, run.SharedLength)));

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

    public void Dispose() => places.Dispose();

    private async Task<UserModel> LoadAsync(Run run, UserKey key, UserVersion version, CancellationToken stop)
    {
        var spec = run.User(key.User);
        var user = run.NewUser(spec);
        if (version.Version >= 0)
        {
            var name = BlobNames.User(key.Experiment, key.User, version.Version);
            var bytes = await blobs.ReadAsync(name, stop)
                ?? throw new UserFailedException($"its state after round {version.Version} is not stored");
            user = UserCheckpoint.FromBytes(bytes, run.LayoutOf(spec), name);
        }

        return version.Generalist is { } hash
            ? user.WithPrefix(await runs.GeneralistsAsync(key.Experiment, hash, stop))
            : user;
    }

    private async Task<TResult> WorkAsync<TResult>(
        UserKey key, CancellationToken stop, Func<Run, CancellationToken, Task<TResult>> work)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, silo.Stopping);
        try
        {
            var run = await runs.GetAsync(key.Experiment, either.Token);
            await places.WaitAsync(either.Token);
            try
            {
                return await Task.Run(() => work(run, either.Token), either.Token);
            }
            finally
            {
                places.Release();
            }
        }
        catch (BadInputException bad)
        {
            throw new ExperimentFailedException(bad.Message);
        }
    }

    private static Weighted LossOf(LocalOutcome outcome, Func<Phase, bool> counts) => outcome.Losses
        .Where(loss => counts(loss.Phase))
        .Aggregate(default(Weighted), (sum, loss) => sum + Weighted.Of(loss.CrossEntropy, loss.Tokens));
}
