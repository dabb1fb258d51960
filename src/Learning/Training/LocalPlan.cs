using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Optimisation;

namespace CoMiGS.Learning.Training;

/// <summary>One user's work in one round. Users with equal plans and equal shapes can be trained in one
/// stack.</summary>
public sealed record LocalPlan
{
    /// <summary>AdamW steps of the experts.</summary>
    public required int StepCount { get; init; }

    /// <summary>Steps of the whole run before this round: where the cosine stands.</summary>
    public required int FirstStep { get; init; }

    /// <summary>Sequences in a micro-batch.</summary>
    public required int MicroBatch { get; init; }

    /// <summary>Micro-batches whose gradients are averaged for one step.</summary>
    public required int Accumulation { get; init; }

    /// <summary>Tokens in a sequence.</summary>
    public required int SequenceLength { get; init; }

    public required CosineSchedule ExpertRate { get; init; }

    /// <summary>Constant learning rate of the router's own optimiser.</summary>
    public required float RouterRate { get; init; }

    /// <summary>None for a user with one expert, too: it has no router to train.</summary>
    public required RouterMode Router { get; init; }

    /// <summary>Whether the A of every adapter stays as it is.</summary>
    public bool FreezesA { get; init; }

    /// <summary>How the user gives up rank; null: it does not.</summary>
    public RankPruning? Pruning { get; init; }

    /// <summary>τ: local steps between two router phases, counted across rounds.</summary>
    public required int RouterEvery { get; init; }

    /// <summary>s: AdamW steps of one router phase.</summary>
    public required int RouterIterations { get; init; }

    public required AdamWSettings AdamW { get; init; }

    /// <summary>λ of the load-balance term.</summary>
    public required float BalanceWeight { get; init; }

    /// <summary>Of the experts' steps.</summary>
    public Phase StepPhase => Router == RouterMode.Joint ? Phase.Joint : Phase.Experts;

    /// <summary>Whether a router phase follows the user's <paramref name="stepsTaken"/>-th local step.</summary>
    public bool RouterFollows(int stepsTaken) => Alternates && stepsTaken % RouterEvery == 0;

    /// <summary>Router phases of a round.</summary>
    /// <param name="stepsTaken">Local steps the user has taken in earlier rounds.</param>
    public int RouterPhases(int stepsTaken) =>
        Alternates ? ((stepsTaken + StepCount) / RouterEvery) - (stepsTaken / RouterEvery) : 0;

    private bool Alternates => Router is RouterMode.AlternatingOnValid or RouterMode.AlternatingOnTrain;
}
