using CoMiGS.Grains.Storage;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Grains.Experiments;

/// <summary>What a run has to show: a report per committed round and the result, each stored before anything counts on
/// it, so that memory does not grow with rounds.</summary>
public sealed class RunArchive(IBlobStore blobs)
{
    public Task WriteAsync(string experiment, RoundReport report, CancellationToken stop) =>
        blobs.WriteAsync(BlobNames.Report(experiment, report.Round), Json.ToBytes(report), stop);

    public Task WriteAsync(ExperimentResult result, CancellationToken stop) =>
        blobs.WriteAsync(BlobNames.Result(result.Experiment), Json.ToBytes(result), stop);

    public Task<RoundReport> ReadReportAsync(string experiment, int round, CancellationToken stop) =>
        ReadAsync<RoundReport>(BlobNames.Report(experiment, round), stop);

    public Task<ExperimentResult> ReadResultAsync(string experiment, CancellationToken stop) =>
        ReadAsync<ExperimentResult>(BlobNames.Result(experiment), stop);

    private async Task<T> ReadAsync<T>(string name, CancellationToken stop) => Json.FromBytes<T>(
        await blobs.ReadAsync(name, stop)
            ?? throw new ExperimentFailedException($"The state of the run lacks '{name}'."),
        name);
}
