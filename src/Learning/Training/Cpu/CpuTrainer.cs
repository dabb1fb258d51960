using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Training.Cpu;

/// <summary>Trains and measures on the CPU: one thread a core over sequences of whichever users are at work. At most
/// one user a thread and one more hold activations at a time, so memory follows the threads, not the cohort.</summary>
public sealed class CpuTrainer : ITrainer
{
    private const int WindowsPerJob = 64;
    private readonly PackedModel model;
    private readonly TilePool pool;
    private readonly PassPool passes;
    private readonly SemaphoreSlim admission;

    /// <param name="model">Shared by any number of trainers; not disposed with this one.</param>
    /// <param name="threads">At least 1.</param>
    public CpuTrainer(PackedModel model, int threads)
    {
        this.model = model;
        pool = new(threads);
        passes = new(model, threads + 1);
        admission = new(threads + 1);
    }

    public string Description => $"cpu, {pool.ThreadCount} threads, {model.Level}";

    public ModelShape Model => model.Shape;

    /// <summary>Native memory that training needs at most beside the packed base: activations and buffers of the users
    /// at work at once, all of this shape.</summary>
    public static long BytesFor(
        ModelShape model, AdapterShape adapters, int microBatch, int sequenceLength, int threads)
    {
        var users = threads + 1;
        var passes = CpuLearner.BalanceIsKnown(adapters) ? threads : (long)users * microBatch;
        return (passes * SequencePass.BytesFor(model, adapters, sequenceLength))
            + (users * UserBuffers.BytesFor(ParameterLayout.Of(model, adapters), CpuLearner.SlotsOf(microBatch)));
    }

    public long BytesFor(AdapterShape shape, int microBatch, int sequenceLength) =>
        BytesFor(model.Shape, shape, microBatch, sequenceLength, threads: 1);

    public Task<LocalOutcome> TrainAsync(LocalWork work, CancellationToken stop) => AdmitAsync(
        async () =>
        {
            var layout = LayoutOf(work.User);
            RequireFits(work.Plan.SequenceLength);
            using var learner = new CpuLearner(pool, passes, layout, work);
            await LocalRound.RunAsync(learner, work.Plan, work.StepsTaken, stop, work.BeforeStep);
            return new LocalOutcome(learner.Result(), learner.Losses);
        },
        stop);

    public Task<Measurement> MeasureAsync(MeasureWork work, CancellationToken stop) => AdmitAsync(
        async () =>
        {
            using var measuring = new CpuMeasurement(passes, LayoutOf(work.User), work.User);
            for (var first = 0; first < work.Windows.Count; first += WindowsPerJob)
            {
                stop.ThrowIfCancellationRequested();
                var windows = work.Windows.Skip(first).Take(WindowsPerJob).ToArray();
                Array.ForEach(windows, window => RequireFits(window.Length - 1));
                await measuring.AddAsync(pool, windows);
            }

            return measuring.Result();
        },
        stop);

    public Task<Inspection> InspectAsync(InspectWork work, CancellationToken stop) => AdmitAsync(
        async () =>
        {
            RequireFits(work.SequenceLength);
            Inspection? result = null;
            await pool.RunAsync(1, _ => result = CpuInspection.Run(passes, LayoutOf(work.User), work));
            return result!;
        },
        stop);

    public void Dispose()
    {
        pool.Dispose();
        passes.Dispose();
        admission.Dispose();
    }

    private async Task<T> AdmitAsync<T>(Func<Task<T>> work, CancellationToken stop)
    {
        await admission.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            // From the default scheduler, so that nothing of the caller's context runs on the pool's threads.
            return await Task.Run(work, stop).ConfigureAwait(false);
        }
        finally
        {
            admission.Release();
        }
    }

    private ParameterLayout LayoutOf(UserModel user)
    {
        var layout = ParameterLayout.Of(model.Shape, user.Shape);
        return layout.Length == user.Parameters.Length
            ? layout
            : throw new ArgumentException(
                $"The user has {user.Parameters.Length} parameters, but its shape on this base needs {layout.Length}.");
    }

    private void RequireFits(int tokens)
    {
        if (tokens < 1 || tokens > model.Shape.PositionCount)
        {
            throw new ArgumentException(
                $"A sequence of {tokens} tokens does not fit the base, "
                + $"which has {model.Shape.PositionCount} positions.");
        }
    }
}
