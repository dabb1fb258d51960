using CoMiGS.Grains.Training;
using CoMiGS.Learning;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Torch;
using CoMiGS.Learning.Training;
using CoMiGS.Learning.Training.Cpu;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Silo;
using CoMiGS.Silo.Storage;
using CoMiGS.Silo.Telemetry;

namespace CoMiGS.Driver.Running;

/// <summary>What this process computes with.</summary>
/// <param name="Device">cpu, torch or cuda:N.</param>
/// <param name="Precision">Of products with the base; other than float32 only with libtorch.</param>
/// <param name="Threads">Trainer threads.</param>
/// <param name="Silos">Silos in this process; results do not depend on how many.</param>
internal sealed record Machine(string Device, FloatType Precision, int Threads, int Silos)
{
    public const string Cpu = "cpu";
    public const string TorchOnCpu = "torch";

    /// <summary>In bfloat16: told once per base how far that is from float32. From any thread.</summary>
    public Action<PrecisionComparison>? Compared { get; init; }

    /// <summary>Where its silos' traces, metrics and logs go; null: nowhere.</summary>
    public ExportSettings? Export { get; init; }

    public bool UsesTorch => Device != Cpu;

    /// <summary>Users at work at a time, where nobody says otherwise: enough to keep every core busy.</summary>
    public static int DefaultSlots => 2 * Environment.ProcessorCount;

    /// <summary>One silo's part, for people.</summary>
    public string OneSilo => Precision == FloatType.Float32
        ? $"{Device}, {Figures.Plural(Threads, "trainer thread")}"
        : $"{Device} in bfloat16, {Figures.Plural(Threads, "trainer thread")}";

    public override string ToString() => $"{OneSilo}, {Figures.Plural(Silos, "silo")}";

    /// <summary>A fault plan can only kill silos that are there, and not the first, which keeps their list.</summary>
    /// <param name="path">Of the run file.</param>
    /// <exception cref="BadInputException">It kills one that is not.</exception>
    public void RequireSilosFor(RunFile file, string path)
    {
        if (file.Faults.Max(rule => rule.Silo) is { } killed && killed > Silos)
        {
            throw new BadInputException(
                $"{path}: 'faults' kills silo {killed}, but there {(Silos == 1 ? "is" : "are")} {Silos}: "
                + $"--silos {killed}.");
        }
    }

    /// <summary>Silos for as long as <paramref name="work"/> runs; the trainer of the base is opened before they
    /// start.</summary>
    /// <exception cref="BadInputException">This machine has no such device, or another process uses the state folder.
    /// </exception>
    public Task<T> WithGrainsAsync<T>(
        string baseFolder, string stateFolder, CancellationToken stop, Func<IGrainFactory, Task<T>> work) =>
        WithTrainersAsync(async trainers =>
        {
            await trainers.GetAsync(baseFolder, stop);
            using var hold = StateFolder.Hold(stateFolder);
            var silo = new SiloSettings
            {
                StateFolder = stateFolder,
                Trainers = trainers,
                Capacity = new(DefaultSlots, Device),
                Export = Export,
            };
            await using var cluster = await EmbeddedCluster.StartAsync(
                new() { Silo = silo, SiloCount = Silos }, stop);
            return await work(cluster.Grains);
        });

    /// <summary>A pool of trainers for as long as <paramref name="work"/> runs.</summary>
    /// <exception cref="BadInputException">This machine has no such device.</exception>
    public Task<T> WithTrainersAsync<T>(Func<TrainerPool, Task<T>> work) => WithTrainersAsync(async create =>
    {
        using var trainers = new TrainerPool(folder => create(BaseCheckpointReader.ReadFolder(folder)));
        return await work(trainers);
    });

    /// <summary>Tries the device on a base of a few numbers, so that a missing one is told before anything starts.
    /// </summary>
    /// <exception cref="BadInputException">This machine has no such device.</exception>
    public Task<bool> RequireDeviceAsync() => WithTrainersAsync(create =>
    {
        create(RandomCheckpoint.Create(new(1, 1, 8, 8, 8), seed: 1)).Dispose();
        return Task.FromResult(true);
    });

    /// <summary>Trainers for as long as <paramref name="work"/> runs.</summary>
    /// <exception cref="BadInputException">This machine has no such device.</exception>
    public async Task<T> WithTrainersAsync<T>(Func<Func<BaseCheckpoint, ITrainer>, Task<T>> work)
    {
        if (UsesTorch)
        {
            var settings = new TorchSettings
            {
                Device = Device == TorchOnCpu ? "cpu" : Device,
                Precision = Precision,
                Compared = Compared,
                Threads = Threads,
            };
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
