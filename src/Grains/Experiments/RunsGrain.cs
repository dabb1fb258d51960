using System.Collections.Immutable;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using Orleans.Placement;

namespace CoMiGS.Grains.Experiments;

/// <summary>The submissions of a cluster. Saves before it starts anything, so that what was accepted is run.</summary>
[RandomPlacement]
public sealed class RunsGrain(
    [PersistentState("runs", StorageNames.Files)] IPersistentState<RunsState> state) : Grain, IRunsGrain
{
    public async Task SubmitAsync(Submission submission, ImmutableArray<RunSpec> runs)
    {
        var isNew = await AcceptAsync(submission, runs);
        if (!isNew)
        {
            await RequireGoingAsync(submission);
        }

        try
        {
            await StartAsync();
        }
        catch (Exception failed) when (isNew && !LostCalls.IsLost(failed))
        {
            await TakeBackAsync(submission);
            throw new ExperimentFailedException(failed.Message);
        }
    }

    public async Task<ImmutableArray<ResumedRun>> ResumeAsync(
        Submission submission, ImmutableArray<RunSpec> runs, CancellationToken stop)
    {
        await AcceptAsync(submission, runs);
        var resumed = ImmutableArray.CreateBuilder<ResumedRun>();
        foreach (var run in runs)
        {
            try
            {
                resumed.Add(await ExperimentOf(run.Experiment).ResumeAsync(run, stop).WaitAsync(stop));
            }
            catch (InvalidOperationException other)
            {
                throw new ExperimentFailedException(other.Message, other);
            }
        }

        await this.SaveAsync(state, state.State with
        {
            ToStart = [.. state.State.ToStart.Where(run => !submission.Runs.Contains(run.Experiment))],
            Open = state.State.Open.RemoveRange(submission.Runs).AddRange(submission.Runs),
        });
        return resumed.ToImmutable();
    }

    public async Task<ImmutableArray<SubmissionStatus>> ListAsync()
    {
        var list = ImmutableArray.CreateBuilder<SubmissionStatus>();
        foreach (var submission in state.State.Submissions.Reverse())
        {
            var statuses = await Task.WhenAll(submission.Runs.Select(async run =>
                new RunStatus(run, await ExperimentOf(run).GetStatusAsync())));
            list.Add(new(submission.Name, submission.Output, [.. statuses]));
        }

        return list.ToImmutable();
    }

    public Task<Submission> GetAsync(string name) => Task.FromResult(Named(name));

    public Task StopAsync(string name) => Task.WhenAll(Named(name).Runs.Select(run => ExperimentOf(run).StopAsync()));

    public async Task KeepGoingAsync()
    {
        await StartAsync();
        var statuses = await Task.WhenAll(state.State.Open.Select(async run =>
            (Run: run, Status: await ExperimentOf(run).GetStatusAsync())));
        var over = statuses.Where(one => one.Status.IsOver).Select(one => one.Run).ToArray();
        if (over.Length > 0)
        {
            await this.SaveAsync(state, state.State with { Open = state.State.Open.RemoveRange(over) });
        }
    }

    /// <summary>Stores a submission, unless it is there already.</summary>
    /// <returns>Whether it was not.</returns>
    private async Task<bool> AcceptAsync(Submission submission, ImmutableArray<RunSpec> runs)
    {
        var known = state.State.Submissions.FirstOrDefault(one => one.Name == submission.Name);
        if (known is not null)
        {
            if (known.RunFile != submission.RunFile)
            {
                throw new ExperimentFailedException(
                    $"There is a run '{known.Name}' with other settings, whose results go to {known.Output}; give the "
                    + "new one another 'name'.");
            }

            return known.Output == submission.Output
                ? false
                : throw new ExperimentFailedException(
                    $"Results of run '{known.Name}' go to {known.Output}, not to {submission.Output}: a folder "
                    + "that was moved cannot be gone on with; move it back, or begin anew elsewhere.");
        }

        Array.ForEach([.. runs], run => SpecCheck.Require(run, run.Experiment));
        await this.SaveAsync(state, state.State with
        {
            Submissions = state.State.Submissions.Add(submission),
            ToStart = state.State.ToStart.AddRange(runs),
            Open = state.State.Open.AddRange(submission.Runs),
        });
        return true;
    }

    /// <summary>Handing in again what has ended early would wait for what does not go on.</summary>
    private async Task RequireGoingAsync(Submission submission)
    {
        foreach (var run in submission.Runs)
        {
            var status = await ExperimentOf(run).GetStatusAsync();
            if (status.Phase is ExperimentPhase.Stopped or ExperimentPhase.Failed)
            {
                throw new ExperimentFailedException(
                    $"Run '{submission.Name}' ended after {status.NextRound} committed rounds and has not finished: "
                    + "--resume goes on with it.");
            }
        }
    }

    /// <summary>Starts what has been accepted and not started. Starting twice is harmless.</summary>
    private async Task StartAsync()
    {
        if (state.State.ToStart.IsEmpty)
        {
            return;
        }

        foreach (var run in state.State.ToStart)
        {
            await ExperimentOf(run.Experiment).StartAsync(run, CancellationToken.None);
            state.State = state.State with { ToStart = state.State.ToStart.Remove(run) };
        }

        await this.SaveAsync(state, state.State);
    }

    /// <summary>A submission that cannot run leaves nothing behind.</summary>
    private async Task TakeBackAsync(Submission submission)
    {
        var notStarted = state.State.ToStart.Select(run => run.Experiment).ToHashSet();
        await this.SaveAsync(state, state.State with
        {
            Submissions = state.State.Submissions.Remove(submission),
            ToStart = [.. state.State.ToStart.Where(run => !submission.Runs.Contains(run.Experiment))],
            Open = state.State.Open.RemoveRange(submission.Runs),
        });
        await Task.WhenAll(submission.Runs.Where(run => !notStarted.Contains(run))
            .Select(run => ExperimentOf(run).StopAsync()));
    }

    private Submission Named(string name) => state.State.Submissions.FirstOrDefault(one => one.Name == name)
        ?? throw new ExperimentFailedException(state.State.Submissions.IsEmpty
            ? $"This cluster has no run '{name}'; it has none yet."
            : $"This cluster has no run '{name}'; it has "
                + $"{string.Join(", ", state.State.Submissions.Select(one => $"'{one.Name}'"))}.");

    private IExperimentGrain ExperimentOf(string run) => GrainFactory.GetGrain<IExperimentGrain>(run);
}
