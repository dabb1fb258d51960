using CoMiGS.Grains.Placement;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Telemetry;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Metrics;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Training;
using CoMiGS.Learning;

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

    /// <summary>One round of a user; its state afterwards is stored as that round's, the state before is untouched. A
    /// ticket that a stored state answers is answered from it.</summary>
    /// <returns>The receipt, and the shared parameters as bytes; empty when the method shares nothing.</returns>
    public Task<(UserReceipt Receipt, byte[] Shared)> TrainAsync(
        UserKey key, RoundTicket ticket, UserClock clock, CancellationToken stop) =>
        WorkAsync(key, stop, async (run, stop) =>
        {
            if (!run.Method.Trains)
            {
                return (Untrained(key, ticket), []);
            }

            clock.Enter(UserPhase.Load);
            var (user, round) = await FindAsync(run, key, ticket, stop)
                ?? await TrainAsync(run, key, ticket, clock, stop);
            var receipt = Untrained(key, ticket) with
            {
                TrainLoss = round.TrainLoss,
                RouterLoss = round.RouterLoss,
                Tokens = round.Tokens,
                BytesSent = round.BytesSent,
            };
            return (receipt, SharedOf(run, key, user));
        });

    /// <summary>Forgets the states of a user that no manifest can name: those of rounds it took part in that were never
    /// committed, and those older than the one the oldest manifest names.</summary>
    public async Task ForgetAsync(UserKey key, RoundTicket ticket)
    {
        var versions = await blobs.ListNumbersAsync(BlobNames.User(key.Experiment, key.User));
        var oldest = versions.LastOrDefault(
            version => version < ticket.OldestManifest && version <= ticket.Version, defaultValue: -1);
        foreach (var version in versions.Where(
            version => version < oldest || (version > ticket.Version && version < ticket.Round)))
        {
            await blobs.DeleteAsync(BlobNames.User(key.Experiment, key.User, version));
        }
    }

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

    private async Task<(UserModel User, TrainedRound Round)> TrainAsync(
        Run run, UserKey key, RoundTicket ticket, UserClock clock, CancellationToken stop)
    {
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
        var round = new TrainedRound(
            ticket.Round, ticket.Version, ticket.Generalist, LossOf(outcome, phase => phase != Phase.Router),
            LossOf(outcome, phase => phase == Phase.Router), outcome.Losses.Sum(loss => (long)loss.Tokens),
            run.Method.PoolsData ? 0 : sizeof(float) * run.SharedOf(user).Length);
        if (round.Tokens > 0)   // nothing learned, nothing to save
        {
            await SaveAsync(
                BlobNames.User(key.Experiment, key.User, ticket.Round),
                UserCheckpoint.ToBytes(after, run.Moments, round), stop);
        }

        return (after, round);
    }

    /// <summary>A state counts once it has been read back: a disk may say that all is well when it is not.</summary>
    private async Task SaveAsync(string name, byte[] state, CancellationToken stop)
    {
        await blobs.SaveAsync(name, state, stop);
        try
        {
            await blobs.ReadAsync(name, stop);
        }
        catch (BadInputException torn)
        {
            throw new UserFailedException(torn.Message.TrimEnd('.'));
        }
    }

    /// <summary>What answers a ticket without training. A damaged state of a round that is not committed serves nobody
    /// and is written anew.</summary>
    private async Task<(UserModel User, TrainedRound Round)?> FindAsync(
        Run run, UserKey key, RoundTicket ticket, CancellationToken stop)
    {
        try
        {
            return await ReadAsync(run, key, ticket.Round, stop) is { } stored && stored.Round.Answers(ticket)
                ? stored
                : null;
        }
        catch (BadInputException)
        {
            return null;
        }
    }

    private static byte[] SharedOf(Run run, UserKey key, UserModel user) => run.Server.Length == 0
        ? []
        : ContentHash.ToBytes(run.ExchangeOf(run.User(key.User)).Send(user));

    /// <summary>The receipt of a user that has trained nothing.</summary>
    private static UserReceipt Untrained(UserKey key, RoundTicket ticket) => new()
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
        var user = version.Version < 0
            ? run.NewUser(spec)
            : await ReadCommittedAsync(run, key, version.Version, stop);
        return await reception.ReceiveAsync(run, spec, user, version, toTrain, stop);
    }

    /// <summary>A state the run counts on. Without it one user cannot take part; the others can.</summary>
    private async Task<UserModel> ReadCommittedAsync(Run run, UserKey key, int version, CancellationToken stop)
    {
        try
        {
            return (await ReadAsync(run, key, version, stop) ?? throw new UserFailedException(
                $"{blobs.Where(BlobNames.User(key.Experiment, key.User, version))} is missing")).User;
        }
        catch (BadInputException damaged)
        {
            throw new UserFailedException(damaged.Message.TrimEnd('.'));
        }
    }

    private async Task<(UserModel User, TrainedRound Round)?> ReadAsync(
        Run run, UserKey key, int version, CancellationToken stop)
    {
        var name = BlobNames.User(key.Experiment, key.User, version);
        return await blobs.ReadAsync(name, stop) is { } bytes
            ? UserCheckpoint.FromBytes(bytes, run.LayoutOf(run.User(key.User)), run.Moments, blobs.Where(name))
            : null;
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
        catch (IOException failed) when (DiskFull.SentenceOf(failed) is { } full)
        {
            throw new ExperimentFailedException(full, failed);
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
