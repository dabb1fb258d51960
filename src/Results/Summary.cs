using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using CoMiGS.Learning;

namespace CoMiGS.Results;

/// <summary>summary.json: the file's main method on its main target, and under arms everything that was run.</summary>
/// <param name="Arms">Main arm first.</param>
/// <param name="Version">Of the program that made it.</param>
/// <param name="PeakMemoryBytes">Largest resident size of the whole process.</param>
/// <param name="Precision">Null where silos of a cluster computed.</param>
/// <param name="SimulatedSeconds">The virtual clock at the end of the main arm; not there where users have no devices.
/// </param>
/// <param name="Remarks">Damaged or missing files that the run went on without, and rounds that changed nothing, a
/// sentence each; not there where there are none.</param>
internal sealed record Summary(
    string Name, string Method, string Target, ulong Seed, int Rounds, ImmutableArray<UserSummary> Users,
    double MeanPerplexity, double TokensPerSecond, long PeakMemoryBytes, double ElapsedSeconds,
    string Version, BasePrecision? Precision, ImmutableArray<ArmSummary> Arms,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? SimulatedSeconds = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<string>? Remarks = null)
{
    /// <exception cref="BadInputException">Missing or damaged.</exception>
    public static Summary Read(string path)
    {
        try
        {
            return Json.Read<Summary>(InputFile.ReadText(path)) is { } summary && summary.IsWhole()
                ? summary
                : throw new BadInputException(
                    $"{path} is damaged: every target needs an arm of the main method, and the same users in all.");
        }
        catch (JsonException damaged)
        {
            throw new BadInputException($"{path} is damaged: {damaged.Message}", damaged);
        }
    }

    private bool IsWhole() => !Arms.IsEmpty && Arms.GroupBy(arm => arm.Target).All(target =>
        target.Any(arm => arm.Method == Method)
        && target.All(arm => !arm.Users.IsEmpty
            && arm.Users.Select(user => user.Id).SequenceEqual(target.First().Users.Select(user => user.Id))));
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
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? SimulatedSeconds = null);

/// <summary>A user's figures on a target: exp(mean cross-entropy) over all of it.</summary>
/// <param name="GeneralistShare">Per block: share of tokens whose top-1 expert is the generalist; empty without a
/// router.</param>
internal sealed record UserSummary(
    string Id, int Experts, long TrainTokens, double Perplexity, double BasePerplexity,
    ImmutableArray<double> GeneralistShare);
