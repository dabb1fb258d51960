using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Training;

/// <summary>The device of a silo: trains and measures many users at once, holding the frozen base in memory once. Calls
/// come from any number of users concurrently; how they share the device is the trainer's business, and never changes a
/// user's result on the CPU. Nothing given to it is changed.</summary>
public interface ITrainer : IDisposable
{
    /// <summary>For people: device, threads, instruction set.</summary>
    string Description { get; }

    ModelShape Model { get; }

    /// <summary>Memory in bytes that one user takes at most while it is trained, beside the frozen base.</summary>
    long BytesFor(AdapterShape shape, int microBatch, int sequenceLength);

    /// <summary>One user's part of one round.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled; nothing is left
    /// behind.</exception>
    Task<LocalOutcome> TrainAsync(LocalWork work, CancellationToken stop);

    /// <summary>Cross-entropy over fixed windows.</summary>
    Task<Measurement> MeasureAsync(MeasureWork work, CancellationToken stop);

    /// <summary>One forward pass over one micro-batch with everything it computed on the way out.</summary>
    Task<Inspection> InspectAsync(InspectWork work, CancellationToken stop);
}

/// <summary>An order to train.</summary>
/// <param name="StepsLost">Local steps of which the user keeps nothing but that they count towards the router's next
/// phase.</param>
public sealed record LocalWork(UserModel User, LocalPlan Plan, IBatchSource Batches, int StepsLost = 0)
{
    /// <summary>Local steps t of earlier rounds.</summary>
    public int StepsTaken => User.ExpertSteps + StepsLost;

    /// <summary>Told before every step which phase it is of. From any thread, one call at a time.</summary>
    public Action<Phase>? BeforeStep { get; init; }
}

/// <summary>What training left.</summary>
/// <param name="User">The user afterwards.</param>
/// <param name="Losses">One per micro-batch, in order of execution.</param>
public sealed record LocalOutcome(UserModel User, IReadOnlyList<BatchLoss> Losses);

/// <summary>One micro-batch's losses: means over its tokens, in nats.</summary>
/// <param name="Optimised">Cross-entropy + λ LB.</param>
/// <param name="Tokens">Tokens that went forward and backward.</param>
public readonly record struct BatchLoss(Phase Phase, double Optimised, double CrossEntropy, int Tokens);

/// <summary>An order to measure: the windows of a text, each [start, start + length] tokens of its stream, the last
/// token being only a target. Windows may differ in length.</summary>
public sealed record MeasureWork(UserModel User, IReadOnlyList<int[]> Windows);

/// <summary>Sum of cross-entropy in nats, the number of targets, and what the routers did.</summary>
public sealed record Measurement(double LossSum, long Tokens, RoutingTally Tally);

/// <summary>An order to look inside one micro-batch: tokens and targets [sequences · length].</summary>
public sealed record InspectWork(
    UserModel User, int SequenceLength, int[] Tokens, int[] Targets, float BalanceWeight);

/// <summary>The inside of a forward pass.</summary>
/// <param name="Logits">[sequences · length, vocabulary]</param>
/// <param name="FirstExperts">[block][token]: top-1 expert; empty without a router.</param>
/// <param name="GateWeights">[block][token · n]: weights over all experts, zero where not routed; empty without a
/// router.</param>
public sealed record Inspection(
    BatchLoss Loss, float[] Logits, IReadOnlyList<byte[]> FirstExperts, IReadOnlyList<float[]> GateWeights);
