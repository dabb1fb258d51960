using CoMiGS.Learning;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;
using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Driver.Commands;

/// <summary>Makes trainers outside a silo, for a command that needs one on its own.</summary>
internal static class Devices
{
    /// <summary>Trainers for as long as <paramref name="work"/> runs.</summary>
    /// <exception cref="BadInputException">This machine has no such device.</exception>
    public static async Task<T> WithTrainersAsync<T>(
        string device, int threads, Func<Func<BaseCheckpoint, ITrainer>, Task<T>> work)
    {
        if (device != "cpu")
        {
            throw new BadInputException($"--device is '{device}', but this build computes on cpu only.");
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
