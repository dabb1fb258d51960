using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace CoMiGS.Results;

/// <summary>summary.json: the file's main method on its main target, and under arms everything that was run.</summary>
/// <param name="Arms">Main arm first.</param>
/// <param name="Version">Of the program that made it.</param>
/// <param name="PeakMemoryBytes">Largest resident size of the whole process.</param>
/// <param name="Precision">Null where silos of a cluster computed.</param>
/// <param name="SimulatedSeconds">The virtual clock at the end of the main arm; not there where users have no devices.
/// </param>
internal sealed record Summary(
    string Name, string Method, string Target, ulong Seed, int Rounds, ImmutableArray<UserSummary> Users,
    double MeanPerplexity, double TokensPerSecond, long PeakMemoryBytes, double ElapsedSeconds,
    string Version, BasePrecision? Precision, ImmutableArray<ArmSummary> Arms,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? SimulatedSeconds = null);

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
