using System.Collections.Immutable;
using CoMiGS.Results.RunFiles;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Metrics;
using CoMiGS.Results;

namespace CoMiGS.Driver.Running;

/// <summary>What an arm left behind.</summary>
/// <param name="Curve">Measurements on the way, first target, in order of round.</param>
/// <param name="ProductGap">Of the last round: how far the shared adapters' products are from the mean of the users'
/// products, relative to it; null where no product is averaged.</param>
/// <param name="Traces">One text a user, in order of id; only of the main arm, and only where there is a
/// sample.</param>
/// <param name="EmptyRounds">In which too few users took part, so that nothing changed.</param>
internal sealed record ArmOutcome(
    Arm Arm, ExperimentResult Result, ImmutableArray<CurvePoint> Curve, double? ProductGap,
    ImmutableArray<UserTrace> Traces, double ElapsedSeconds, int EmptyRounds)
{
    /// <summary>What a reader of its figures has to know about its rounds; null: nothing.</summary>
    public string? Remark => EmptyRounds == 0 ? null
        : $"{Arm.Label}: in {EmptyRounds} of {Arm.Spec.Rounds} rounds too few users took part, and nothing changed in "
            + "them.";

    /// <summary>Of both phases, all users, without measuring.</summary>
    public double TokensPerSecond => Result.TrainingSeconds > 0 ? Result.TrainedTokens / Result.TrainingSeconds : 0;

    /// <summary>The users' figures on a target, in order of id; empty when the arm was not measured on it.</summary>
    public ImmutableArray<(UserResult User, TargetResult On)> On(string target) =>
    [
        .. from user in Result.Users
           from measured in user.Targets
           where measured.Name == target
           select (user, measured),
    ];

    /// <summary>Mean over users of their perplexities on a target, as the paper reports it; null when not
    /// measured.</summary>
    public double? MeanPerplexity(string target)
    {
        var users = On(target);
        return users.IsEmpty ? null : users.Average(user => user.On.Loss.Perplexity);
    }
}

/// <summary>A measurement on the way.</summary>
/// <param name="Round">Rounds done, from 1.</param>
/// <param name="Losses">Cross-entropy by user, nats.</param>
internal sealed record CurvePoint(int Round, ImmutableSortedDictionary<string, Weighted> Losses)
{
    public double MeanPerplexity => Losses.Values.Average(loss => loss.Perplexity);
}
