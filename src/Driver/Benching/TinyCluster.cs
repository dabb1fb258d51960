using CoMiGS.Driver.Running;
using CoMiGS.Grains.Training;
using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Model;
using CoMiGS.Silo;
using CoMiGS.Silo.Telemetry;

namespace CoMiGS.Driver.Benching;

/// <summary>One silo in this process whose base has a few hundred numbers, so that what is measured is everything but
/// the maths.</summary>
internal static class TinyCluster
{
    public static readonly ModelShape Base = new(1, 1, 8, 8, 8);

    private static readonly Machine Here =
        new(Machine.Cpu, FloatType.Float32, Environment.ProcessorCount, Silos: 1);

    public static async Task WithGrainsAsync(
        TemporaryFolder folder, CancellationToken stop, Func<IGrainFactory, Task> work) =>
        await Here.WithTrainersAsync(async create =>
        {
            using var trainers = new TrainerPool(_ => create(RandomCheckpoint.Create(Base, seed: 1)));
            var silo = new SiloSettings
            {
                StateFolder = folder.At("state"),
                Trainers = trainers,
                Export = ExportSettings.OfEnvironment(),   // to see what that costs
            };
            await using var cluster = await EmbeddedCluster.StartAsync(new() { Silo = silo }, stop);
            await work(cluster.Grains);
            return true;
        });
}
