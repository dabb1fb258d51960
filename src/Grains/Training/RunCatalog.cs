using CoMiGS.Grains.Faults;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Grains.Training;

/// <summary>What a silo fetches once for all its users: specs of runs, and the generalists of a round.</summary>
public sealed class RunCatalog(IGrainFactory grains, TrainerPool trainers, ILocalSiloDetails silo)
{
    private const int RunsHeld = 64;
    private const int GeneralistsHeld = 8;

    private readonly OnceCache<string, RunSpec> specs = new("specs", RunsHeld);
    private readonly OnceCache<string, FaultPlan> faults = new("faults", RunsHeld);
    private readonly OnceCache<string, Run> runs = new("runs", RunsHeld);
    private readonly OnceCache<(string Experiment, string Hash), float[]> generalists =
        new("generalists", GeneralistsHeld);

    /// <exception cref="ExperimentFailedException">Nobody has started this run.</exception>
    public Task<RunSpec> SpecAsync(string experiment, CancellationToken stop) => specs.GetAsync(
        experiment, () => grains.GetGrain<IExperimentGrain>(experiment).GetSpecAsync(), stop);

    public Task<Run> GetAsync(string experiment, CancellationToken stop) => runs.GetAsync(
        experiment,
        async () =>
        {
            var spec = await SpecAsync(experiment, CancellationToken.None);
            var trainer = await trainers.GetAsync(spec.Base, CancellationToken.None);
            return new Run(spec, spec.Faults.IsEmpty ? trainer : new FaultyTrainer(trainer));
        },
        stop);

    /// <summary>What goes wrong in a run on purpose.</summary>
    public Task<FaultPlan> FaultsAsync(string experiment) => faults.GetAsync(
        experiment, async () => new FaultPlan(await SpecAsync(experiment, CancellationToken.None)),
        CancellationToken.None);

    /// <returns>[shared length]; not to be changed.</returns>
    public Task<float[]> GeneralistsAsync(string experiment, string hash, CancellationToken stop) =>
        generalists.GetAsync(
            (experiment, hash),
            async () =>
            {
                var blob = await grains.GetGrain<IAggregatorGrain>(experiment).ReadAsync(
                    hash, silo.SiloAddress.ToParsableString());
                return ContentHash.ToFloats(blob.Bytes);
            },
            stop);
}
