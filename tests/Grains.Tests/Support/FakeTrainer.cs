using System.Collections.Concurrent;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Tests.Support;

/// <summary>Trains by arithmetic that shows what it was given: every parameter moves by a function of the user's
/// tokens and moments, so two users, rounds or start states never end alike. Can be told to hold or to spoil a user's
/// training.</summary>
internal sealed class FakeTrainer : ITrainer
{
    private readonly Lock gate = new();
    private volatile bool isDisposed;
    private readonly Dictionary<string, int> trained = [];

    public static ModelShape Shape { get; } = new(1, 1, 4, VocabularySize: 16, PositionCount: 8);

    /// <summary>Awaited before a user's training ends; the key is the user's first token, see <see cref="TestRun"/>.
    /// </summary>
    public Func<int, CancellationToken, Task>? OnTrain { get; set; }

    /// <summary>Users, by first token, whose parameters end as NaN.</summary>
    public HashSet<int> Diverging { get; } = [];

    /// <summary>Every order to train: whose it was, and the local steps of earlier rounds.</summary>
    public ConcurrentQueue<(int User, int StepsTaken)> Orders { get; } = new();

    public string Description => "fake";

    public ModelShape Model => Shape;

    public long BytesFor(AdapterShape shape, int microBatch, int sequenceLength) => 1000;

    /// <summary>Finished trainings of a user.</summary>
    public int CountOf(int user)
    {
        lock (gate)
        {
            return trained.GetValueOrDefault($"{user}");
        }
    }

    public async Task<LocalOutcome> TrainAsync(LocalWork work, CancellationToken stop)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        var length = work.Plan.MicroBatch * work.Plan.SequenceLength;
        int[] tokens = new int[length], targets = new int[length];
        work.Batches.Fill(DataSplit.Train, 0, tokens, targets);
        var user = tokens[0];
        Orders.Enqueue((user, work.StepsTaken));
        work.BeforeStep?.Invoke(Phase.Experts);
        if (OnTrain is { } wait)
        {
            await wait(user, stop);
        }

        stop.ThrowIfCancellationRequested();
        var after = work.User.Copy() with { ExpertSteps = work.User.ExpertSteps + work.Plan.StepCount };
        for (var i = 0; i < after.Parameters.Length; i++)
        {
            after.Parameters[i] = Diverging.Contains(user)
                ? float.NaN
                : (0.9f * after.Parameters[i]) + (0.001f * (user + 1) * (1 + (i % 7)))
                    + (0.01f * after.FirstMoments[i]) + (0.01f * after.SecondMoments[i]);
            after.FirstMoments[i] += 0.1f;
            after.SecondMoments[i] += 0.01f;
        }

        lock (gate)
        {
            trained[$"{user}"] = trained.GetValueOrDefault($"{user}") + 1;
        }

        return new(after, [new(Phase.Experts, 1, 1 + (0.1 * user), length)]);
    }

    public Task<Measurement> MeasureAsync(MeasureWork work, CancellationToken stop)
    {
        long tokens = work.Windows.Sum(window => window.Length - 1L);
        var tally = new RoutingTally(Shape.LayerCount, work.User.Shape.ExpertCount) { TokenCount = tokens };
        tally.First[0] = tokens / 4;
        return Task.FromResult(new Measurement(tokens * (double)(1 + work.User.Parameters.Sum()), tokens, tally));
    }

    public Task<Inspection> InspectAsync(InspectWork work, CancellationToken stop) =>
        throw new NotSupportedException("The fake looks inside nothing.");

    public void Dispose() => isDisposed = true;
}
