using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Training;

/// <summary>Makes the trainer of a base model on the process's device; the folder holds config.json and
/// model.safetensors.</summary>
public delegate ITrainer TrainerFactory(string baseFolder);

/// <summary>The trainers of a process, one per base model, so that a base is in memory once however many silos and runs
/// use it.</summary>
public sealed class TrainerPool(TrainerFactory factory) : IDisposable
{
    private readonly OnceCache<string, ITrainer> trainers = new("trainers", int.MaxValue);

    public Task<ITrainer> GetAsync(string baseFolder, CancellationToken stop) =>
        trainers.GetAsync(baseFolder, () => Task.FromResult(factory(baseFolder)), stop);

    public void Dispose()
    {
        foreach (var trainer in trainers.Values())
        {
            trainer.Dispose();
        }
    }
}
