using System.Collections.Immutable;

namespace CoMiGS.Interfaces.Experiments;

/// <summary>What was given to a cluster to run. A cluster has one, key <see cref="Key"/>; silos ask it now and then, so
/// that a run whose silo died comes back to life without anybody watching.</summary>
[Alias("comigs.IRunsGrain")]
public interface IRunsGrain : IGrainWithStringKey
{
    const string Key = "cluster";

    /// <summary>Stores and starts the runs of a submission, one after another. The same again is a no-op.</summary>
    /// <exception cref="ExperimentFailedException">A run cannot start, or the name or a run's id is taken by other
    /// settings; the message says which.</exception>
    [Alias("Submit"), ResponseTimeout("00:05:00")]
    Task SubmitAsync(Submission submission, ImmutableArray<RunSpec> runs);

    /// <summary>Goes on with the runs of a submission, see <see cref="IExperimentGrain.ResumeAsync"/>; an unknown one
    /// is handed in.</summary>
    /// <returns>In the order in which they run.</returns>
    /// <exception cref="ExperimentFailedException">As for a submission.</exception>
    /// <exception cref="RunDamagedException">A run's state is damaged beyond what its manifests can do.
    /// </exception>
    [Alias("Resume"), ResponseTimeout("1.00:00:00")]
    Task<ImmutableArray<ResumedRun>> ResumeAsync(
        Submission submission, ImmutableArray<RunSpec> runs, CancellationToken stop);

    /// <summary>Every submission, newest first.</summary>
    [Alias("List")]
    Task<ImmutableArray<SubmissionStatus>> ListAsync();

    /// <exception cref="ExperimentFailedException">The cluster knows no such submission; the message says which it
    /// knows.</exception>
    [Alias("Get")]
    Task<Submission> GetAsync(string name);

    /// <summary>Stops what has not ended of a submission; what is committed stays.</summary>
    /// <exception cref="ExperimentFailedException">The cluster knows no such submission.</exception>
    [Alias("Stop"), ResponseTimeout("00:05:00")]
    Task StopAsync(string name);

    /// <summary>Wakes every run that has not ended.</summary>
    [Alias("KeepGoing"), ResponseTimeout("00:05:00")]
    Task KeepGoingAsync();
}

/// <summary>A run file as it was given to a cluster.</summary>
/// <param name="Name">The run file's; distinct within a cluster.</param>
/// <param name="RunFile">Resolved YAML: every setting filled in, paths absolute.</param>
/// <param name="Output">Folder of the results. Absolute.</param>
/// <param name="Runs">Keys of its experiment grains, in the order in which they run.</param>
[GenerateSerializer, Immutable, Alias("comigs.Submission")]
public sealed record Submission(
    [property: Id(0)] string Name, [property: Id(1)] string RunFile, [property: Id(2)] string Output,
    [property: Id(3)] ImmutableArray<string> Runs);

/// <summary>Where a submission stands.</summary>
/// <param name="Runs">In the order in which they run.</param>
[GenerateSerializer, Immutable, Alias("comigs.SubmissionStatus")]
public sealed record SubmissionStatus(
    [property: Id(0)] string Name, [property: Id(1)] string Output,
    [property: Id(2)] ImmutableArray<RunStatus> Runs);

/// <summary>One run of a submission.</summary>
[GenerateSerializer, Immutable, Alias("comigs.RunStatus")]
public sealed record RunStatus([property: Id(0)] string Experiment, [property: Id(1)] ExperimentStatus Status);
