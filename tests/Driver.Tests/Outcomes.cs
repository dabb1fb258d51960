using System.Collections.Immutable;
using CoMiGS.Results.RunFiles;
using CoMiGS.Driver.Running;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Metrics;
using CoMiGS.Results;

namespace CoMiGS.Driver.Tests;

/// <summary>What arms would have left behind, with losses that say which arm, user and target they are of.</summary>
internal static class Outcomes
{
    /// <param name="loss">Nats, from the arm's label, the user's id and the target.</param>
    public static ImmutableArray<ArmOutcome> Of(RunFile file, Func<string, string, string, double> loss) =>
        [.. Arms.Of(file, "/out").Select(arm => Of(arm, loss))];

    private static ArmOutcome Of(Arm arm, Func<string, string, string, double> loss)
    {
        ImmutableArray<double> shares = arm.Method.HasRouter ? [0.25, 0.75] : [];
        var users = arm.Spec.Users.Select(user => new UserResult
        {
            Id = user.Id,
            Experts = user.Experts,
            TrainTokens = 200,
            Targets = [.. arm.Targets.Select(target => new TargetResult
            {
                Name = target,
                Loss = new(100 * loss(arm.Label, user.Id, target), 100),
                BaseLoss = new(900, 100),
                GeneralistShare = shares,
            })],
        }).ToImmutableArray();
        var result = new ExperimentResult
        {
            Experiment = arm.Spec.Experiment,
            Rounds = arm.Spec.Rounds,
            Users = users,
            TrainedTokens = 3000,
            TrainingSeconds = 2,
            BytesSent = 4096,
            BytesAcrossSilos = 0,
        };
        var curve =
            new CurvePoint(1, arm.Spec.Users.ToImmutableSortedDictionary(user => user.Id, _ => new Weighted(30, 10)));
        ImmutableArray<UserTrace> traces = arm.Method.HasRouter
            ? [new("a", new(["<b>", " two", " three"], [[0, 1, 1], [1, 1, 0]], [[1, 0.2f, 0.3f], [0.1f, 0, 0.9f]],
                [[1, 0.8f, 0.7f], [0.9f, 1, 0.9f]], IsCut: false))]
            : [];
        return new(arm, result, [curve, curve with { Round = 2 }], 0.25, traces, 2.5, EmptyRounds: 0);
    }
}
