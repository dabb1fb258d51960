using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;
using Microsoft.Extensions.Logging;

namespace CoMiGS.Grains.Experiments;

/// <summary>One run. A timer drives it, one round a tick, beside the calls that ask about it. What it says of rounds is
/// <see cref="committed"/>; a new activation makes sure of that, and goes on with the next round.</summary>
public sealed partial class ExperimentGrain(
    RunArchive archive, TrainerPool trainers, SiloLife silo, ILogger<ExperimentGrain> log) : Grain, IExperimentGrain
{
    private CancellationTokenSource stopping = new();
    private TaskCompletionSource changed = NewSignal();
    private RecoverableState<StartedRun> started = null!;   // both from activation on
    private RecoverableState<RunHead> head = null!;
    private RunHead standing = new();
    private RunProgress committed = new();
    private ImmutableArray<string> remarks = [];
    private bool isCertain;
    private IGrainTimer? rounds;
    private RoundRunner? runner;

    private string Experiment => this.GetPrimaryKeyString();

    private RunSpec Spec => started.Value.Spec
        ?? throw new ExperimentFailedException(
            started.Damage ?? $"Run '{Experiment}' has not been started.");

    /// <summary>Why the run did not finish.</summary>
    private string Ending => standing.Error ?? $"Run '{Experiment}' was stopped after {standing.Round} rounds.";

    private int Keep => Spec.Checkpoints.Keep;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        started = archive.StateOf<StartedRun>("spec", GrainContext.GrainId);
        head = archive.StateOf<RunHead>(RunArchive.HeadName, GrainContext.GrainId);
        await ReadStatesAsync();
        standing = head.Value;
        if (standing.Phase == ExperimentPhase.Running)
        {
            StartRounds();
        }
        else if (standing.IsOver)
        {
            await TakeAtItsWordAsync(cancellationToken);
        }
        else if ((started.Damage ?? head.Damage) is { } damage)
        {
            standing = new() { Phase = ExperimentPhase.Failed, Error = damage };
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        stopping.Dispose();
        displaced.Dispose();
        return Task.CompletedTask;
    }

    public async Task StartAsync(RunSpec spec, CancellationToken stop)
    {
        RequireSame(spec);
        if (standing.Phase == ExperimentPhase.NotStarted)
        {
            SpecCheck.Require(spec, Experiment);
            await BeginAsync(spec, stop);
        }
    }

    public async Task<ResumedRun> ResumeAsync(RunSpec spec, CancellationToken stop)
    {
        RequireSame(spec);
        SpecCheck.Require(spec, Experiment);
        await CertaintyAsync(stop);
        if (standing.Phase != ExperimentPhase.Running)
        {
            await ReadStatesAsync();   // how it ended may not have been stored
            await ReviveAsync(spec, stop);
        }

        return new(Experiment, committed.NextRound, remarks);
    }

    public Task<RunSpec> GetSpecAsync() => Task.FromResult(Spec);

    public Task<ExperimentStatus> GetStatusAsync() =>
        Task.FromResult(new ExperimentStatus(standing.Phase, standing.Round, standing.Error));

    public async Task<UserVersion> GetVersionAsync(string user)
    {
        await CertaintyAsync(CancellationToken.None);
        var index = RunProgress.IndexOf(Spec.Users, user);
        if (index < 0)
        {
            throw new KeyNotFoundException($"Run '{Experiment}' has no user '{user}'.");
        }

        return isCertain
            ? new UserVersion(committed.VersionOf(index), committed.Generalist)
            : throw new ExperimentFailedException(Ending);
    }

    public async IAsyncEnumerable<RoundReport> WatchAsync(
        int fromRound, [EnumeratorCancellation] CancellationToken stop)
    {
        await CertaintyAsync(stop);
        for (var round = fromRound; ; round++)
        {
            while (round >= committed.NextRound && !standing.IsOver)
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
        while (!standing.IsOver)
        {
            await ChangeAsync(stop);
        }

        return standing.Phase == ExperimentPhase.Finished
            ? await archive.ReadResultAsync(Experiment, stop)
            : throw new ExperimentFailedException(Ending);
    }

    public async Task StopAsync()
    {
        stopping.Cancel();
        while (standing.Phase == ExperimentPhase.Running)
        {
            await ChangeAsync(silo.Draining);
        }
    }

    private void RequireSame(RunSpec spec)
    {
        if (started.Value.Spec is { } running && !Json.ToBytes(running).AsSpan().SequenceEqual(Json.ToBytes(spec)))
        {
            throw new InvalidOperationException($"Run '{Experiment}' was started with another spec.");
        }
    }

    private async Task ReadStatesAsync()
    {
        await started.ReadAsync();
        await head.ReadAsync();
    }

    /// <summary>A run that is over is not looked at further: whoever counts on a file of it finds out.</summary>
    private async Task TakeAtItsWordAsync(CancellationToken stop)
    {
        try
        {
            committed = await archive.ReadManifestAsync(Experiment, standing.Round, stop);
            isCertain = true;
        }
        catch (ExperimentFailedException damaged)
        {
            standing = standing with { Phase = ExperimentPhase.Failed, Error = damaged.Message };
        }
    }

    private async Task BeginAsync(RunSpec spec, CancellationToken stop)
    {
        await SaveAsync(started, new StartedRun { Spec = spec });
        var first = RunProgress.Start(spec);
        await InTimeAsync(archive.WriteAsync(Experiment, first, stop));
        await SaveAsync(head, new RunHead { Phase = ExperimentPhase.Running });
        Publish(first, head.Value);
        StartRounds();
    }

    /// <summary>Goes on with a run that is over, unless it has finished and is whole.</summary>
    private async Task ReviveAsync(RunSpec spec, CancellationToken stop)
    {
        var found = await archive.RecoverAsync(Experiment, spec.Users, head.Exists ? head.Value.Round : null, stop);
        if (found.IsNew && head.Damage is null)
        {
            await BeginAsync(spec, stop);
            return;
        }

        if (head.Value.Phase == ExperimentPhase.Finished && found.Manifest?.NextRound == head.Value.Round
            && await archive.HasResultAsync(Experiment, stop))
        {
            await KeepSpecAsync(spec);
            return;
        }

        await GoOnFromAsync(found);
        await KeepSpecAsync(spec);
        await InTimeAsync(archive.ClearAsync(Experiment, committed, Keep));
        stopping = new();
        StartRounds();
    }

    /// <summary>Writes the spec anew where it was damaged or is gone.</summary>
    private async Task KeepSpecAsync(RunSpec spec)
    {
        if (!started.Exists)
        {
            await SaveAsync(started, new StartedRun { Spec = spec });
        }
    }

    /// <exception cref="RunDamagedException">No manifest is whole.</exception>
    private async Task GoOnFromAsync(Recovery found)
    {
        remarks = [.. new[] { started.Damage, head.Damage }.OfType<string>(), .. found.Remarks];
        foreach (var remark in remarks)
        {
            ExperimentLog.StateDamaged(log, Experiment, remark);
        }

        var manifest = found.Manifest ?? throw new RunDamagedException(
            $"Run '{Experiment}' cannot go on, because no manifest of it is whole: {string.Join(' ', remarks)}");
        var life = Math.Max(head.Value.Life, manifest.Life) + 1;
        await SaveAsync(
            head, new RunHead { Phase = ExperimentPhase.Running, Round = manifest.NextRound, Life = life });
        Publish(manifest with { Life = life }, head.Value);
    }

    /// <summary>Waits until it is certain which rounds count, or that nobody can tell.</summary>
    private async Task CertaintyAsync(CancellationToken stop)
    {
        while (standing.Phase == ExperimentPhase.Running && !isCertain)
        {
            await ChangeAsync(stop);
        }
    }

    /// <summary>Waits until something new is committed.</summary>
    private async Task ChangeAsync(CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, silo.Draining, displaced.Token);
        try
        {
            await changed.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (silo.Draining.IsCancellationRequested)
        {
            throw new ExperimentInterruptedException(
                $"Run '{Experiment}' was interrupted after {standing.Round} rounds: its silo is stopping.");
        }
        catch (OperationCanceledException) when (displaced.IsCancellationRequested)
        {
            throw GoneOn();
        }
    }

    private void Publish(RunProgress rounds, RunHead next)
    {
        isCertain |= !rounds.Versions.IsEmpty;
        (committed, standing) = (rounds, next);
        var waiting = changed;
        changed = NewSignal();
        waiting.SetResult();
    }

    private static string SentenceOf(Exception failed) => failed switch
    {
        RoundFailedException or ExperimentFailedException or RunDamagedException or BadInputException => failed.Message,
        _ => $"The run ended with {failed.GetType().Name}: {failed.Message}",
    };

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
