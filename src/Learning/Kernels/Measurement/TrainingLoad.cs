using System.Diagnostics;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Kernels.Measurement;

/// <summary>Users who train at once, as in a round: what the speed of a trainer is measured with. Every step is one
/// micro-batch forward and backward and one AdamW step of the experts; no router phase comes.</summary>
/// <param name="Users">At least 1.</param>
/// <param name="Steps">Of each user, at least 1.</param>
/// <param name="MicroBatch">Sequences.</param>
/// <param name="SequenceLength">Tokens in a sequence.</param>
public sealed record TrainingLoad(AdapterShape Adapters, int Users, int Steps, int MicroBatch, int SequenceLength)
{
    public long TokenCount => (long)Users * Steps * MicroBatch * SequenceLength;

    /// <summary>Trains all of it once.</summary>
    /// <returns>Tokens a second.</returns>
    public async Task<double> RunAsync(ITrainer trainer, CancellationToken stop)
    {
        // Trainers change nothing they are given, so that users can start from one state.
        var parameters = AdapterInitialisation.Of(ParameterLayout.Of(trainer.Model, Adapters), seed: 1, _ => "anyone");
        var work = new LocalWork(
            UserModel.Start(Adapters, parameters), Plan(), new RandomText(trainer.Model.VocabularySize));
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Users).Select(_ => TrainAsync(trainer, work, stop)));
        return TokenCount / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Lets go of what came out, so that memory does not grow with the users.</summary>
    private static async Task TrainAsync(ITrainer trainer, LocalWork work, CancellationToken stop) =>
        await trainer.TrainAsync(work, stop);

    private LocalPlan Plan() => new()
    {
        StepCount = Steps,
        FirstStep = 0,
        MicroBatch = MicroBatch,
        Accumulation = 1,
        SequenceLength = SequenceLength,
        ExpertRate = new(1e-3, 1e-3, Steps),
        RouterRate = 1e-3f,
        Router = RouterMode.AlternatingOnValid,
        RouterEvery = Steps + 1,
        RouterIterations = 1,
        AdamW = new AdamWSettings(),
        BalanceWeight = 0.01f,
    };
}
