using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Training;

namespace CoMiGS.Benchmarks;

/// <summary>How fast a trainer trains one user.</summary>
/// <param name="TokensPerSecond">One figure a repetition, ascending.</param>
public sealed record TrainerSpeed(string Trainer, int Width, int Blocks, IReadOnlyList<double> TokensPerSecond)
{
    /// <summary>The demo's adapters: two experts, both used.</summary>
    private static readonly TrainingLoad Load =
        new(new(2, 8, 8, 16, 2, HasRouter: true), Users: 1, Steps: 8, MicroBatch: 8, SequenceLength: 128);

    public double Median => TokensPerSecond[TokensPerSecond.Count / 2];

    /// <summary>Trainers of one base take turns, so that what else the machine does meets them alike.</summary>
    public static async Task<IReadOnlyList<TrainerSpeed>> MeasureAsync(
        IReadOnlyList<ITrainer> trainers, int repetitions)
    {
        var model = trainers[0].Model;
        var speeds = trainers.Select(_ => new List<double>()).ToArray();
        for (var repetition = -1; repetition < repetitions; repetition++)
        {
            for (var i = 0; i < trainers.Count; i++)
            {
                var speed = await Load.RunAsync(trainers[i], CancellationToken.None);
                if (repetition >= 0) // the one before warms up
                {
                    speeds[i].Add(speed);
                }
            }
        }

        return [.. trainers.Zip(speeds, (trainer, all) =>
            new TrainerSpeed(trainer.Description, model.Width, model.LayerCount, [.. all.Order()]))];
    }
}
