using System.Runtime.CompilerServices;
using CoMiGS.Grains.Faults;
using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Telemetry;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;
using Microsoft.Extensions.Logging;

namespace CoMiGS.Grains.Experiments;

/// <summary>One run. A timer drives it, one round a tick, beside the calls that ask about it. Everything it says is
/// <see cref="committed"/>; a new activation goes on with the next round.</summary>
public sealed class ExperimentGrain(
    [PersistentState("spec", StorageNames.Files)] IPersistentState<StartedRun> started,
    [PersistentState("progress", StorageNames.Files)] IPersistentState<RunProgress> progress,
    RunArchive archive, TrainerPool trainers, SiloLife silo, ILogger<ExperimentGrain> log) : Grain, IExperimentGrain
{
    /// <summary>Longest the end of a round may take to be stored; then the run fails instead of hanging.</summary>
    private static readonly TimeSpan SaveLimit = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stopping = new();
    private TaskCompletionSource changed = NewSignal();
    private RunProgress committed = new();
    private IGrainTimer? rounds;
    private RoundRunner? runner;

    private string Experiment => this.GetPrimaryKeyString();

    private RunSpec Spec => started.State.Spec
        ?? throw new ExperimentFailedException($"Run '{Experiment}' has not been started.");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        committed = progress.State;
        if (committed.Phase == ExperimentPhase.Running)
        {
            StartRounds();
        }

        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        stopping.Dispose();
        return Task.CompletedTask;
    }

    public async Task StartAsync(RunSpec spec, CancellationToken stop)
    {
        if (started.State.Spec is { } running && !Json.ToBytes(running).AsSpan().SequenceEqual(Json.ToBytes(spec)))
        {
            throw new InvalidOperationException($"Run '{Experiment}' was started with another spec.");
        }

        if (committed.Phase != ExperimentPhase.NotStarted)
        {
            return;
        }

        SpecCheck.Require(spec, Experiment);
        await this.SaveAsync(started, new StartedRun { Spec = spec });
        await CommitAsync(RunProgress.Start(spec) with { Phase = ExperimentPhase.Running });
        StartRounds();
    }

    public Task<RunSpec> GetSpecAsync() => Task.FromResult(Spec);

    public Task<ExperimentStatus> GetStatusAsync() =>
        Task.FromResult(new ExperimentStatus(committed.Phase, committed.NextRound, committed.Error));

    public Task<UserVersion> GetVersionAsync(string user)
    {
        var index = RunProgress.IndexOf(Spec.Users, user);
        return index >= 0
            ? Task.FromResult(new UserVersion(committed.VersionOf(index), committed.Generalist))
            : throw new KeyNotFoundException($"Run '{Experiment}' has no user '{user}'.");
    }

    public async IAsyncEnumerable<RoundReport> WatchAsync(
        int fromRound, [EnumeratorCancellation] CancellationToken stop)
    {
        for (var round = fromRound; ; round++)
        {
            while (round >= committed.NextRound && !committed.IsOver)
            {
                await ChangeAsync(stop);
            }

            if (round >= committed.NextRound)
            {
                yield break;
            }

            yield return await archive.ReadReportAsync(Experiment, round, stop);
        }
    }

    public async Task<ExperimentResult> GetResultAsync(CancellationToken stop)
    {
        while (!committed.IsOver)
        {
            await ChangeAsync(stop);
        }

        return committed.Phase == ExperimentPhase.Finished
            ? await archive.ReadResultAsync(Experiment, stop)
            : throw new ExperimentFailedException(
                committed.Error ?? $"Run '{Experiment}' was stopped after {committed.NextRound} rounds.");
    }

    public async Task StopAsync()
    {
        stopping.Cancel();
        while (committed.Phase == ExperimentPhase.Running)
        {
            await ChangeAsync(silo.Draining);
        }
    }

    /// <summary>Waits until something new is committed.</summary>
    private async Task ChangeAsync(CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, silo.Draining);
        try
        {
            await changed.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (silo.Draining.IsCancellationRequested)
        {
            throw new ExperimentInterruptedException(
                $"Run '{Experiment}' was interrupted after {committed.NextRound} rounds: its silo is stopping.");
        }
    }

    private void StartRounds() => rounds ??= this.RegisterGrainTimer(
        GoOnAsync, new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.Zero) { Interleave = true, KeepAlive = true });

    /// <summary>One round; after the last one, the final measurement.</summary>
    private async Task GoOnAsync(CancellationToken deactivated)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(deactivated, silo.Draining);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, left.Token);
        try
        {
            if (committed.NextRound == 0 && Spec.After is { } other)
            {
                await OtherRunAsync(other, either.Token);
            }

            if (committed.NextRound < Spec.Rounds)
            {
                await RunRoundAsync(new(stopping.Token, left.Token, either.Token));
                return;
            }

            await FinishAsync(either.Token);
        }
        catch (Exception) when (left.IsCancellationRequested)
        {
            // Not this activation's run any more: the next one goes on from the last commit.
            rounds?.Dispose();
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            await EndAsync(committed with { Phase = ExperimentPhase.Stopped });
        }
        catch (Exception failed)
        {
            ExperimentLog.RunFailed(log, failed, Experiment);
            await EndAsync(committed with { Phase = ExperimentPhase.Failed, Error = SentenceOf(failed) });
        }
    }

    /// <summary>Waits for the end of the run that has to be over before this one begins.</summary>
    private async Task OtherRunAsync(string other, CancellationToken stop)
    {
        try
        {
            await LostCalls.AgainAsync(
                () => GrainFactory.GetGrain<IExperimentGrain>(other).GetResultAsync(stop).WaitAsync(stop),
                failed => failed is ExperimentFailedException, silo.Time, stop);
        }
        catch (ExperimentFailedException failed)
        {
            throw new ExperimentFailedException($"Run '{other}', which comes first, did not finish.", failed);
        }
    }

    private async Task RunRoundAsync(RunEnds ends)
    {
        var stop = ends.Either;
        using var watch = new RoundWatch(Spec, committed.NextRound, silo.Time, stop);
        if (committed.NextRound == 0)
        {
            using var step = new RoundStep(RoundStep.Initialise, Spec.Method, silo.Time);
            var aggregator = GrainFactory.GetGrain<IAggregatorGrain>(Experiment);
            var initial = await LostCalls.AgainAsync(
                () => aggregator.InitialiseAsync().WaitAsync(stop), failed => !LostCalls.IsLost(failed), silo.Time,
                stop);
            committed = committed with { Generalist = initial };
        }

        stop.ThrowIfCancellationRequested();
        runner ??= await RunnerAsync(stop);
        var report = await runner.RunAsync(
            committed,
            async (report, after) =>
            {
                await InTimeAsync(archive.WriteAsync(Experiment, report, stop));
                await CommitAsync(after);
            },
            ends);
        watch.Committed(report);
        ExperimentLog.RoundCommitted(
            log, Experiment, report.Round + 1, report.RoundCount, report.Receipts.Length, report.Missing.Length,
            report.TrainLoss.Mean, report.Tokens / report.TrainingSeconds, report.TrainingSeconds);
    }

    /// <summary>With a virtual clock if rounds need one; the base's sizes are the trainer's.</summary>
    private async Task<RoundRunner> RunnerAsync(CancellationToken stop)
    {
        var faults = new FaultPlan(Spec);
        var clock = VirtualClock.IsNeeded(Spec)
            ? new VirtualClock(Spec, faults, (await trainers.GetAsync(Spec.Base, stop)).Model)
            : null;
        return new(Spec, faults, GrainFactory, silo.Time, clock);
    }

    private async Task FinishAsync(CancellationToken stop)
    {
        var users = await new Evaluations(Spec, GrainFactory, silo.Time).AtTheEndAsync(committed, stop);
        await InTimeAsync(archive.WriteAsync(
            new ExperimentResult
            {
                Experiment = Experiment,
                Rounds = committed.NextRound,
                Users = users,
                TrainedTokens = committed.TrainedTokens,
                TrainingSeconds = committed.TrainingSeconds,
                BytesSent = committed.BytesSent,
                BytesAcrossSilos = committed.BytesAcrossSilos,
                SimulatedSeconds = committed.RoundsTaken.IsEmpty ? null : committed.SimulatedSeconds,
            },
            stop));
        await EndAsync(committed with { Phase = ExperimentPhase.Finished });
    }

    /// <summary>The last change of a run. Whoever waits is told even if it cannot be saved.</summary>
    private async Task EndAsync(RunProgress end)
    {
        rounds?.Dispose();
        Instruments.Runs.Add(
            1, new("method", Spec.Method), new("outcome", end.Phase.ToString().ToLowerInvariant()));
        try
        {
            await CommitAsync(end);
        }
        catch (Exception notSaved)
        {
            ExperimentLog.RunFailed(log, notSaved, Experiment);
            Publish(end with { Phase = ExperimentPhase.Failed, Error = end.Error ?? SentenceOf(notSaved) });
        }
    }

    private async Task CommitAsync(RunProgress next)
    {
        await InTimeAsync(this.SaveAsync(progress, next));
        Publish(next);
    }

    private async Task InTimeAsync(Task saving)
    {
        try
        {
            await saving.WaitAsync(SaveLimit, silo.Time);
        }
        catch (TimeoutException late) when (!saving.IsCompleted)
        {
            DeactivateOnIdle();
            throw new ExperimentFailedException(
                $"Run '{Experiment}' could not be saved within {SaveLimit.TotalSeconds} s.", late);
        }
    }

    private void Publish(RunProgress next)
    {
        committed = next;
        var waiting = changed;
        changed = NewSignal();
        waiting.SetResult();
    }

    private static string SentenceOf(Exception failed) => failed switch
    {
        RoundFailedException or ExperimentFailedException or BadInputException => failed.Message,
        _ => $"The run ended with {failed.GetType().Name}: {failed.Message}",
    };

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
