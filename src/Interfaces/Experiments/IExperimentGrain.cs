using Orleans.Concurrency;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Interfaces.Experiments;

/// <summary>One run, from its spec to its last round. Key: <see cref="RunSpec.Experiment"/>.</summary>
[Alias("comigs.IExperimentGrain")]
public interface IExperimentGrain : IGrainWithStringKey
{
    /// <summary>Checks and stores the spec and begins; returns before the first round. The same spec again is a
    /// no-op.</summary>
    /// <exception cref="InvalidOperationException">Another spec already runs under this key.</exception>
    [Alias("Start")]
    Task StartAsync(RunSpec spec, CancellationToken stop);

    /// <summary>Goes on with a run that failed, was stopped, or whose process died: from the newest manifest whose
    /// every file is there and whole. A run without stored state starts; one under way, or finished and whole, is left
    /// alone.</summary>
    /// <exception cref="RunDamagedException">No manifest is whole; nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">Another spec already runs under this key.</exception>
    [Alias("Resume"), ResponseTimeout("1.00:00:00")]
    Task<ResumedRun> ResumeAsync(RunSpec spec, CancellationToken stop);

    /// <summary>The spec of a started run; silos ask once each.</summary>
    [Alias("GetSpec"), AlwaysInterleave]
    Task<RunSpec> GetSpecAsync();

    [Alias("GetStatus"), AlwaysInterleave]
    Task<ExperimentStatus> GetStatusAsync();

    /// <summary>Which state of a user is the run's own: a user may have trained in a round that was never
    /// committed.</summary>
    [Alias("GetVersion"), AlwaysInterleave]
    Task<UserVersion> GetVersionAsync(string user);

    /// <summary>Reports of rounds from <paramref name="fromRound"/> on, past ones first; ends when the run
    /// does.</summary>
    [Alias("Watch"), AlwaysInterleave]
    IAsyncEnumerable<RoundReport> WatchAsync(int fromRound, CancellationToken stop);

    /// <summary>Waits for the end of the run and returns its figures.</summary>
    /// <exception cref="ExperimentFailedException">The run failed; the message says why and names the
    /// users.</exception>
    [Alias("GetResult"), AlwaysInterleave, ResponseTimeout("7.00:00:00")]
    Task<ExperimentResult> GetResultAsync(CancellationToken stop);

    /// <summary>Ends the run after the current round's users have been told to stop; what is committed stays.</summary>
    [Alias("Stop"), AlwaysInterleave]
    Task StopAsync();
}
