using CoMiGS.Learning;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Torch;
using CoMiGS.Learning.Training;
using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Driver.Commands;

/// <summary>Makes trainers outside a silo, for a command that needs one on its own.</summary>
internal static class Devices
{
    /// <summary>Trainers for as long as <paramref name="work"/> runs.</summary>
    /// <param name="device">cpu: the kernels; torch: libtorch on the CPU; cuda:N.</param>
    /// <exception cref="BadInputException">This machine has no such device.</exception>
    public static async Task<T> WithTrainersAsync<T>(
        string device, int threads, Func<Func<BaseCheckpoint, ITrainer>, Task<T>> work)
    {
        if (device != "cpu")
        {
            var settings = new TorchSettings { Device = device == "torch" ? "cpu" : device, Threads = threads };
            return await work(checkpoint => TorchTrainer.Open(checkpoint, settings));
        }

        var models = new List<PackedModel>();
        try
        {
            return await work(checkpoint =>
            {
                models.Add(PackedModel.Pack(checkpoint));
                return new CpuTrainer(models[^1], threads);
            });
        }
        finally
        {
            models.ForEach(model => model.Dispose());
        }
    }
}
