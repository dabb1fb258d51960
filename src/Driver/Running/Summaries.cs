using System.Collections.Immutable;
using System.Diagnostics;
using CoMiGS.Results;

namespace CoMiGS.Driver.Running;

/// <summary>What arms left behind, as summary.json has it.</summary>
internal static class Summaries
{
    /// <param name="outcomes">Main arm first.</param>
    public static Summary Of(
        string name, ImmutableArray<ArmOutcome> outcomes, double elapsedSeconds, BasePrecision? precision,
        ImmutableArray<string>? remarks = null)
    {
        var arms = outcomes.SelectMany(outcome => outcome.Arm.Targets.Select(target => Of(outcome, target)))
            .ToImmutableArray();
        var main = arms[0];
        ImmutableArray<string> all = [.. remarks ?? [], .. outcomes.Select(outcome => outcome.Remark).OfType<string>()];
        return new(
            name, main.Method, main.Target, main.Seed, main.Rounds, main.Users, main.MeanPerplexity,
            main.TokensPerSecond, PeakMemory(), elapsedSeconds, ProgramVersion.Text, precision, arms,
            main.SimulatedSeconds, all.IsEmpty ? null : all);
    }

    private static ArmSummary Of(ArmOutcome outcome, string target)
    {
        var users = outcome.On(target).Select(user => new UserSummary(
            user.User.Id, user.User.Experts, user.User.TrainTokens, user.On.Loss.Perplexity,
            user.On.BaseLoss.Perplexity, user.On.GeneralistShare)).ToImmutableArray();
        var spec = outcome.Arm.Spec;
        return new(
            outcome.Arm.Label, spec.Method, target, spec.Seed, spec.Rounds, users,
            outcome.MeanPerplexity(target) ?? double.NaN, outcome.TokensPerSecond, outcome.ElapsedSeconds,
            outcome.Result.BytesSent, outcome.Result.BytesAcrossSilos, outcome.ProductGap,
            outcome.Result.SimulatedSeconds);
    }

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
