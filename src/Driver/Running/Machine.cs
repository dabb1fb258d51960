using CoMiGS.Grains.Training;
using CoMiGS.Learning;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Torch;
using CoMiGS.Learning.Training;
using CoMiGS.Learning.Training.Cpu;
using CoMiGS.Silo;

namespace CoMiGS.Driver.Running;

/// <summary>What this process computes with.</summary>
/// <param name="Device">cpu, torch or cuda:N.</param>
/// <param name="Threads">Trainer threads.</param>
/// <param name="Silos">Silos in this process; results do not depend on how many.</param>
internal sealed record Machine(string Device, int Threads, int Silos)
{
    public override string ToString() =>
        $"{Device}, {Count(Threads, "trainer thread")}, {Count(Silos, "silo")}";

    private static string Count(int number, string thing) => $"{number} {thing}{(number == 1 ? "" : "s")}";

    /// <summary>Silos for as long as <paramref name="work"/> runs; the trainer of the base is opened before they
    /// start.</summary>
    /// <exception cref="BadInputException">This machine has no such device.</exception>
    public Task<T> WithGrainsAsync<T>(
        string baseFolder, string stateFolder, CancellationToken stop, Func<IGrainFactory, Task<T>> work) =>
        WithTrainersAsync(async create =>
        {
            using var trainers = new TrainerPool(folder => create(BaseCheckpointReader.ReadFolder(folder)));
            await trainers.GetAsync(baseFolder, stop);
            await using var cluster = await EmbeddedCluster.StartAsync(
                new() { Silo = new() { StateFolder = stateFolder, Trainers = trainers }, SiloCount = Silos }, stop);
            return await work(cluster.Grains);
        });

    /// <summary>Trainers for as long as <paramref name="work"/> runs.</summary>
    /// <exception cref="BadInputException">This machine has no such device.</exception>
    public async Task<T> WithTrainersAsync<T>(Func<Func<BaseCheckpoint, ITrainer>, Task<T>> work)
    {
        if (Device != "cpu")
        {
            var settings = new TorchSettings { Device = Device == "torch" ? "cpu" : Device, Threads = Threads };
            return await work(checkpoint => TorchTrainer.Open(checkpoint, settings));
        }

        var models = new List<PackedModel>();
        try
        {
            return await work(checkpoint =>
            {
                models.Add(PackedModel.Pack(checkpoint));
                return new CpuTrainer(models[^1], Threads);
            });
        }
        finally
        {
            models.ForEach(model => model.Dispose());
        }
    }
}
