using CoMiGS.Grains.Faults;
using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Telemetry;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using Orleans.Storage;

namespace CoMiGS.Grains.Experiments;

/// <content>What the timer drives: which rounds count, round after round, the final measurement, the end.</content>
public sealed partial class ExperimentGrain
{
    private void StartRounds() => rounds ??= this.RegisterGrainTimer(
        GoOnAsync, new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.Zero) { Interleave = true, KeepAlive = true });

    private void StopRounds()
    {
        rounds?.Dispose();
        rounds = null;
    }

    /// <summary>First which rounds count, then one round; after the last one, the final measurement.</summary>
    private async Task GoOnAsync(CancellationToken deactivated)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(
            deactivated, silo.Draining, displaced.Token);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, left.Token);
        try
        {
            if (!isCertain)
            {
                await GoOnFromAsync(await archive.RecoverAsync(
                    Experiment, Spec.Users, standing.Round, either.Token));
                await InTimeAsync(archive.ClearAsync(Experiment, committed, Keep));
                return;
            }

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
            // Not this activation's run any more: another one goes on from the last commit.
            StopRounds();
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            await EndAsync(standing with { Phase = ExperimentPhase.Stopped });
        }
        catch (Exception failed)
        {
            ExperimentLog.RunFailed(log, failed, Experiment);
            await EndAsync(standing with { Phase = ExperimentPhase.Failed, Error = SentenceOf(failed) });
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
        var report = await runner.RunAsync(committed, (report, after) => CommitAsync(report, after, stop), ends);
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
        await RequireOwnAsync();
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
        await EndAsync(standing with { Phase = ExperimentPhase.Finished });
    }

    /// <summary>The last change of a run. Whoever waits is told even if it cannot be saved.</summary>
    private async Task EndAsync(RunHead end)
    {
        StopRounds();
        try
        {
            await SaveAsync(head, end);
            Publish(committed, end);
            Instruments.Runs.Add(
                1, new("method", started.Value.Spec?.Method), new("outcome", end.Phase.ToString().ToLowerInvariant()));
        }
        catch (InconsistentStateException)
        {
            // Nor is how it ended this activation's to say.
        }
        catch (Exception notSaved)
        {
            ExperimentLog.RunFailed(log, notSaved, Experiment);
            Publish(committed, end with { Phase = ExperimentPhase.Failed, Error = end.Error ?? SentenceOf(notSaved) });
        }
    }
}
