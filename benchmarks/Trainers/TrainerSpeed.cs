using System.Diagnostics;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Benchmarks;

/// <summary>How fast a trainer trains one user: micro-batches forward and backward, an AdamW step after each.</summary>
/// <param name="TokensPerSecond">One figure a repetition, ascending.</param>
public sealed record TrainerSpeed(string Trainer, int Width, int Blocks, IReadOnlyList<double> TokensPerSecond)
{
    private const int Steps = 8, Sequences = 8, Tokens = 128;

    /// <summary>The demo's adapters, as in `./comigs bench`: two experts, both used.</summary>
    private static readonly AdapterShape Adapters = new(2, 8, 8, 16, 2, HasRouter: true);

    /// <summary>The router's phases never come: the experts' steps are what is compared.</summary>
    private static readonly LocalPlan Plan = new()
    {
        StepCount = Steps,
        FirstStep = 0,
        MicroBatch = Sequences,
        Accumulation = 1,
        SequenceLength = Tokens,
        ExpertRate = new(1e-3, 1e-3, Steps),
        RouterRate = 1e-3f,
        Router = RouterMode.AlternatingOnValid,
        RouterEvery = Steps + 1,
        RouterIterations = 1,
        AdamW = new AdamWSettings(),
        BalanceWeight = 0.01f,
    };

    public double Median => TokensPerSecond[TokensPerSecond.Count / 2];

    /// <summary>Trainers of one base take turns, so that what else the machine does meets them alike.</summary>
    public static async Task<IReadOnlyList<TrainerSpeed>> MeasureAsync(
        IReadOnlyList<ITrainer> trainers, int repetitions)
    {
        var model = trainers[0].Model;
        var parameters = AdapterInitialisation.Of(ParameterLayout.Of(model, Adapters), seed: 1, _ => "anyone");
        var work = new LocalWork(UserModel.Start(Adapters, parameters), Plan, new RandomText(model.VocabularySize));
        var speeds = trainers.Select(_ => new List<double>()).ToArray();
        for (var repetition = -1; repetition < repetitions; repetition++)
        {
            for (var i = 0; i < trainers.Count; i++)
            {
                var started = Stopwatch.GetTimestamp();
                await trainers[i].TrainAsync(work, CancellationToken.None);
                if (repetition >= 0) // the one before warms up
                {
                    speeds[i].Add(Steps * Sequences * Tokens / Stopwatch.GetElapsedTime(started).TotalSeconds);
                }
            }
        }

        return [.. trainers.Zip(speeds, (trainer, all) =>
            new TrainerSpeed(trainer.Description, model.Width, model.LayerCount, [.. all.Order()]))];
    }
}
