using System.Collections.Immutable;
using CoMiGS.Results.RunFiles;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Driver.Running;

/// <summary>Tells a person where arms go on.</summary>
internal static class Resumption
{
    /// <param name="resumed">In the order of the arms.</param>
    public static IEnumerable<string> Of(ImmutableArray<Arm> arms, ImmutableArray<ResumedRun> resumed) =>
        resumed.All(run => run.Rounds == 0)
            ? ["There is no committed round to go on from: it starts from the beginning."]
            : arms.Zip(resumed).Where(pair => pair.Second.Rounds > 0).Select(pair => Of(pair.First, pair.Second));

    private static string Of(Arm arm, ResumedRun run) => run.Rounds < arm.Spec.Rounds
        ? $"{arm.Label} goes on after round {run.Rounds} of {arm.Spec.Rounds}."
        : $"{arm.Label} has all of its {arm.Spec.Rounds} rounds.";
}
