using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Serialization;
using CoMiGS.Driver.Running;

namespace CoMiGS.Driver.Results;

/// <summary>summary.json: the file's main method on its main target, and under arms everything that was run.</summary>
/// <param name="Version">Of the program that made it.</param>
/// <param name="PeakMemoryBytes">Largest resident size of the whole process.</param>
/// <param name="Precision">Null where silos of a cluster computed.</param>
/// <param name="SimulatedSeconds">The virtual clock at the end of the main arm; not there where users have no devices.
/// </param>
/// <param name="Remarks">Damaged or missing files that the run went on without, a sentence each; not there where there
/// are none.</param>
internal sealed record Summary(
    string Name, string Method, string Target, ulong Seed, int Rounds, ImmutableArray<UserSummary> Users,
    double MeanPerplexity, double TokensPerSecond, long PeakMemoryBytes, double ElapsedSeconds,
    string Version, BasePrecision? Precision, ImmutableArray<ArmSummary> Arms,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? SimulatedSeconds = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<string>? Remarks = null)
{
    /// <param name="outcomes">Main arm first.</param>
    public static Summary Of(
        string name, ImmutableArray<ArmOutcome> outcomes, double elapsedSeconds, BasePrecision? precision,
        ImmutableArray<string>? remarks = null)
    {
        var arms = outcomes.SelectMany(outcome =>
            outcome.Arm.Targets.Select(target => ArmSummary.Of(outcome, target))).ToImmutableArray();
        var main = arms[0];
        return new(
            name, main.Method, main.Target, main.Seed, main.Rounds, main.Users, main.MeanPerplexity,
            main.TokensPerSecond, PeakMemory(), elapsedSeconds, ProgramVersion.Text, precision, arms,
            main.SimulatedSeconds, remarks is { IsEmpty: false } ? remarks : null);
    }

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}

/// <summary>One arm on one target. An arm that was trained once stands once per target.</summary>
/// <param name="MeanPerplexity">Mean over users of their perplexities.</param>
/// <param name="TokensPerSecond">Trained tokens of both phases per second in rounds.</param>
/// <param name="BytesSent">Adapters sent by users, all rounds.</param>
/// <param name="BytesAcrossSilos">Of parameters, all rounds.</param>
/// <param name="ProductGap">Of the last round: how far the shared adapters' products are from the mean of the users'
/// products, relative to it; null where no product is averaged.</param>
/// <param name="SimulatedSeconds">The virtual clock at the end; not there where users have no devices.</param>
internal sealed record ArmSummary(
    string Arm, string Method, string Target, ulong Seed, int Rounds, ImmutableArray<UserSummary> Users,
    double MeanPerplexity, double TokensPerSecond, double ElapsedSeconds, long BytesSent,
    long BytesAcrossSilos, double? ProductGap,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? SimulatedSeconds = null)
{
    public static ArmSummary Of(ArmOutcome outcome, string target)
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
}

/// <summary>A user's figures on a target: exp(mean cross-entropy) over all of it.</summary>
/// <param name="GeneralistShare">Per block: share of tokens whose top-1 expert is the generalist; empty without a
/// router.</param>
internal sealed record UserSummary(
    string Id, int Experts, long TrainTokens, double Perplexity, double BasePerplexity,
    ImmutableArray<double> GeneralistShare);
