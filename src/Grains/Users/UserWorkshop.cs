using CoMiGS.Grains.Placement;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Telemetry;
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

    /// <summary>For a ticket that has just arrived.</summary>
    public UserClock NewClock(UserKey key, RoundTicket ticket) => new(silo.Time, Spans.StartUser(key, ticket));

    /// <summary>One round of a user; its state afterwards is stored as that round's, the state before is
    /// untouched.</summary>
    /// <returns>The receipt, and the shared parameters as bytes.</returns>
    public Task<(UserReceipt Receipt, byte[] Shared)> TrainAsync(
        UserKey key, RoundTicket ticket, UserClock clock, CancellationToken stop) =>
        WorkAsync(key, stop, async (run, stop) =>
            run.Method.Trains ? await TrainAsync(run, key, ticket, clock, stop) : (Receipt(key, ticket), []));

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

    private async Task<(UserReceipt Receipt, byte[] Shared)> TrainAsync(
        Run run, UserKey key, RoundTicket ticket, UserClock clock, CancellationToken stop)
    {
        clock.Enter(UserPhase.Load);
        var user = run.User(key.User);
        var before = await LoadAsync(run, key, new(ticket.Version, ticket.Generalist), stop, toTrain: true);
        var shards = UserShards.Open(user, run.Trainer.Model.VocabularySize, run.Method);
        var plan = run.PlanOf(user, ticket.Round);
        clock.Enter(UserPhase.Queue);
        var outcome = await run.Trainer.TrainAsync(
            new(before, plan, new UserBatches(
                run.Spec.Seed, ticket.Round, key.User, run.Spec.Training.SequenceLength, shards),
                ticket.LateRounds * plan.StepCount)
            {
                BeforeStep = phase => clock.Enter(phase == Phase.Router ? UserPhase.Router : UserPhase.Train),
            },
            stop);
        clock.Enter(UserPhase.Save);
        var after = plan.Pruning?.Prune(run.LayoutOf(user), before, outcome.User) ?? outcome.User;
        await blobs.WriteAsync(
            BlobNames.User(key.Experiment, key.User, ticket.Round), UserCheckpoint.ToBytes(after, run.Moments), stop);
        var shared = ContentHash.ToBytes(run.ExchangeOf(user).Send(after));
        var receipt = Receipt(key, ticket) with
        {
            TrainLoss = LossOf(outcome, phase => phase != Phase.Router),
            RouterLoss = LossOf(outcome, phase => phase == Phase.Router),
            Tokens = outcome.Losses.Sum(loss => (long)loss.Tokens),
            BytesSent = run.Method.PoolsData ? 0 : shared.Length,
        };
        return (receipt, shared);
    }

    /// <summary>Of a user that has trained nothing.</summary>
    private static UserReceipt Receipt(UserKey key, RoundTicket ticket) => new()
    {
        User = key.User,
        Round = ticket.Round,
        Attempt = ticket.Attempt,
        Silo = "",
        TrainLoss = default,
        RouterLoss = default,
        Tokens = 0,
        BytesSent = 0,
        ElapsedSeconds = 0,
    };

    private async Task<UserModel> LoadAsync(
        Run run, UserKey key, UserVersion version, CancellationToken stop, bool toTrain = false)
    {
        var spec = run.User(key.User);
        var user = version.Version < 0 ? run.NewUser(spec) : await ReadAsync(run, key, version.Version, stop);
        return await reception.ReceiveAsync(run, spec, user, version, toTrain, stop);
    }

    private async Task<UserModel> ReadAsync(Run run, UserKey key, int version, CancellationToken stop)
    {
        var name = BlobNames.User(key.Experiment, key.User, version);
        var bytes = await blobs.ReadAsync(name, stop)
            ?? throw new UserFailedException($"its state after round {version} is not stored");
        return UserCheckpoint.FromBytes(bytes, run.LayoutOf(run.User(key.User)), run.Moments, name);
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
