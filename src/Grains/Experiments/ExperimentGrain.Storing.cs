using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Storage;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using Orleans.Storage;

namespace CoMiGS.Grains.Experiments;

/// <content>How what is new is stored, and how an activation finds out that its run is another one's now: its silo was
/// taken for dead, and whoever took the run over has written the head.</content>
public sealed partial class ExperimentGrain
{
    /// <summary>Longest the end of a round may take to be stored; then the run fails instead of hanging.</summary>
    private static readonly TimeSpan SaveLimit = TimeSpan.FromMinutes(1);

    /// <summary>It is another activation's run now.</summary>
    private readonly CancellationTokenSource displaced = new();

    /// <summary>The report and the manifest first, then the head that names it, and only then is forgotten what is too
    /// old.</summary>
    private async Task CommitAsync(RoundReport report, RunProgress after, CancellationToken stop)
    {
        var (before, next) = (committed, after.Remembering(committed, Keep));
        await RequireOwnAsync();
        await InTimeAsync(archive.WriteAsync(Experiment, report, stop));
        await InTimeAsync(archive.WriteAsync(Experiment, next, stop));
        await SaveAsync(head, standing with { Round = next.NextRound });
        Publish(next, head.Value);
        await InTimeAsync(archive.ForgetAsync(Experiment, before, next, Keep));
    }

    /// <summary>When that fails nobody knows what is stored, so the activation ends and the next one looks; but a full
    /// disk leaves everything as it was.</summary>
    private async Task SaveAsync<T>(RecoverableState<T> state, T next)
        where T : class, new()
    {
        try
        {
            await InTimeAsync(state.WriteAsync(next));
        }
        catch (InconsistentStateException)
        {
            GiveWay();
            throw;
        }
        catch (Exception failed) when (failed is not ExperimentFailedException)
        {
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>Before anything is written that a newer activation may have written, too.</summary>
    private async Task RequireOwnAsync()
    {
        var isCurrent = Task.Run(head.IsCurrentAsync);   // a disk that does not answer holds its thread
        await InTimeAsync(isCurrent);
        if (!await isCurrent)
        {
            GiveWay();
            throw GoneOn();
        }
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

    private void GiveWay()
    {
        displaced.Cancel();
        DeactivateOnIdle();
    }

    private ExperimentInterruptedException GoneOn() => new($"Run '{Experiment}' goes on in another activation.");
}
