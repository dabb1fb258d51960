using CoMiGS.Grains.Training;
using CoMiGS.Grains.Users;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Training;
using CoMiGS.Silo;
using CoMiGS.Silo.Telemetry;

namespace CoMiGS.Grains.Tests.Support;

/// <summary>A run on silos in this process. Starting another one over the same run is a restart from storage.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly TestRun run;
    private readonly TrainerPool trainers;
    private readonly EmbeddedCluster cluster;

    private TestCluster(TestRun run, TrainerPool trainers, EmbeddedCluster cluster)
    {
        this.run = run;
        this.trainers = trainers;
        this.cluster = cluster;
    }

    public IGrainFactory Grains => cluster.Grains;

    public IExperimentGrain Experiment => Grains.GetGrain<IExperimentGrain>(run.Spec.Experiment);

    public static async Task<TestCluster> StartAsync(
        TestRun run, ITrainer trainer, int silos = 1, TimeProvider? time = null, Action<ISiloBuilder>? configure = null,
        ExportSettings? export = null)
    {
        var trainers = new TrainerPool(_ => trainer);
        var cluster = await EmbeddedCluster.StartAsync(
            new()
            {
                Silo = new()
                {
                    StateFolder = run.StateFolder,
                    Trainers = trainers,
                    Time = time ?? TimeProvider.System,
                    Export = export,
                },
                SiloCount = silos,
                Configure = configure,
            },
            CancellationToken.None);
        return new(run, trainers, cluster);
    }

    public IUserGrain User(string id) => Grains.GetGrain<IUserGrain>(new UserKey(run.Spec.Experiment, id).ToString());

    /// <summary>Runs the spec to its end.</summary>
    public async Task<ExperimentResult> RunAsync()
    {
        await Experiment.StartAsync(run.Spec, CancellationToken.None);
        return await Experiment.GetResultAsync(CancellationToken.None);
    }

    /// <summary>Moves the clock second by second, with a call to the run in between, so that what is on its way arrives
    /// before the clock has moved far.</summary>
    public async Task AdvanceAsync(ManualTime time, double seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Experiment.GetStatusAsync();
        }
    }

    /// <summary>Every user's adapters, as their files' bytes, in order of user.</summary>
    public async Task<IReadOnlyList<byte[]>> ExportAsync()
    {
        var files = new List<byte[]>();
        foreach (var user in run.Spec.Users)
        {
            await User(user.Id).ExportAsync(null, CancellationToken.None);
            files.Add(
                await File.ReadAllBytesAsync(Path.Combine(run.Spec.Output, "adapters", user.Id + ".safetensors")));
        }

        return files;
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        trainers.Dispose();
    }
}
