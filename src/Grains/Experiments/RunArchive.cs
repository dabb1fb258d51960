using System.Collections.Immutable;
using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Storage;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Learning;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace CoMiGS.Grains.Experiments;

/// <summary>Everything of a run but its users: spec and head as grain state, and as blobs its manifests, a report per
/// committed round and the result, each stored before anything counts on it, so that memory does not grow with
/// rounds.</summary>
public sealed class RunArchive(
    IBlobStore blobs, [FromKeyedServices(StorageNames.Files)] IGrainStorage states)
{
    /// <summary>Name of the state that is a run's head.</summary>
    internal const string HeadName = "progress";

    internal RecoverableState<T> StateOf<T>(string name, GrainId run)
        where T : class, new() => new(states, name, run);

    public Task WriteAsync(string experiment, RoundReport report, CancellationToken stop) =>
        blobs.SaveAsync(BlobNames.Report(experiment, report.Round), Json.ToBytes(report), stop);

    public Task WriteAsync(string experiment, RunProgress manifest, CancellationToken stop) =>
        blobs.SaveAsync(BlobNames.Manifest(experiment, manifest.NextRound), Json.ToBytes(manifest), stop);

    public Task WriteAsync(ExperimentResult result, CancellationToken stop) =>
        blobs.SaveAsync(BlobNames.Result(result.Experiment), Json.ToBytes(result), stop);

    public Task<RoundReport> ReadReportAsync(string experiment, int round, CancellationToken stop) =>
        ReadAsync<RoundReport>(BlobNames.Report(experiment, round), stop);

    /// <param name="rounds">Committed as of the manifest.</param>
    public Task<RunProgress> ReadManifestAsync(string experiment, int rounds, CancellationToken stop) =>
        ReadAsync<RunProgress>(BlobNames.Manifest(experiment, rounds), stop);

    public Task<ExperimentResult> ReadResultAsync(string experiment, CancellationToken stop) =>
        ReadAsync<ExperimentResult>(BlobNames.Result(experiment), stop);

    public async Task<bool> HasResultAsync(string experiment, CancellationToken stop)
    {
        try
        {
            await ReadResultAsync(experiment, stop);
            return true;
        }
        catch (ExperimentFailedException)
        {
            return false;
        }
    }

    /// <summary>The newest manifest whose every file is whole, see <see cref="RunRecovery"/>.</summary>
    /// <param name="rounds">Committed, as far as is known.</param>
    internal Task<Recovery> RecoverAsync(
        string experiment, ImmutableArray<UserSpec> users, int? rounds, CancellationToken stop) =>
        Task.Run(() => new RunRecovery(experiment, users, blobs).FindAsync(rounds, stop), stop);

    /// <summary>Forgets what the newest manifest has made too old: nothing else, since whoever has taken a run over may
    /// have written newer ones.</summary>
    /// <param name="before">The manifest before it.</param>
    internal async Task ForgetAsync(string experiment, RunProgress before, RunProgress newest, int keep)
    {
        for (var rounds = before.OldestManifest(keep); rounds < newest.OldestManifest(keep); rounds++)
        {
            await blobs.DeleteAsync(BlobNames.Manifest(experiment, rounds));
        }

        foreach (var hash in before.Generalists.Except(newest.Generalists))
        {
            await blobs.DeleteAsync(BlobNames.Generalists(experiment, hash));
        }
    }

    /// <summary>Forgets manifests beside the newest ones, and generalists that none of these names: what a life of the
    /// run that ended in the middle of something left behind.</summary>
    internal async Task ClearAsync(string experiment, RunProgress newest, int keep)
    {
        foreach (var rounds in await blobs.ListNumbersAsync(BlobNames.Manifests(experiment)))
        {
            if (rounds < newest.OldestManifest(keep) || rounds > newest.NextRound)
            {
                await blobs.DeleteAsync(BlobNames.Manifest(experiment, rounds));
            }
        }

        foreach (var hash in (await blobs.ListAsync(BlobNames.Generalists(experiment))).Except(newest.Generalists))
        {
            await blobs.DeleteAsync(BlobNames.Generalists(experiment, hash));
        }
    }

    private async Task<T> ReadAsync<T>(string name, CancellationToken stop)
    {
        try
        {
            return Json.FromBytes<T>(await blobs.RequireAsync(name, stop), blobs.Where(name));
        }
        catch (BadInputException damaged)
        {
            throw new ExperimentFailedException(damaged.Message);
        }
    }
}
