using System.Collections.Immutable;
using CoMiGS.Interfaces.Metrics;

namespace CoMiGS.Interfaces.Users;

/// <summary>An order to measure.</summary>
/// <param name="Generalist">Content hash of the generalists to measure with; null: the committed ones, if the method
/// shares any.</param>
/// <param name="Target">Index into the user's targets.</param>
/// <param name="Tokens">At most so many tokens, spread evenly over the target; 0 = all.</param>
/// <param name="Base">True: the frozen base without adapters instead of the user.</param>
/// <param name="Version">Round whose end left the state to measure; null: the last committed one.</param>
[GenerateSerializer, Immutable, Alias("comigs.EvaluationTicket")]
public sealed record EvaluationTicket(
    [property: Id(0)] string? Generalist, [property: Id(1)] int Target, [property: Id(2)] int Tokens,
    [property: Id(3)] bool Base, [property: Id(4)] int? Version = null);

/// <summary>A measurement.</summary>
/// <param name="Loss">Cross-entropy, nats over tokens.</param>
/// <param name="GeneralistShare">Per block: share of tokens whose top-1 expert is the generalist; empty without a
/// router.</param>
[GenerateSerializer, Immutable, Alias("comigs.UserEvaluation")]
public sealed record UserEvaluation(
    [property: Id(0)] string User, [property: Id(1)] string Target, [property: Id(2)] Weighted Loss,
    [property: Id(3)] ImmutableArray<double> GeneralistShare, [property: Id(4)] long TrainTokens);

/// <summary>A text to follow through the routers; cut to the longest sequence of the run.</summary>
[GenerateSerializer, Immutable, Alias("comigs.TraceTicket")]
public sealed record TraceTicket([property: Id(0)] string? Generalist, [property: Id(1)] string Text);

/// <summary>Where a text's tokens went.</summary>
/// <param name="Tokens">The text each token adds; a character made of several tokens belongs to the last of
/// them.</param>
/// <param name="FirstExperts">[block][token]: expert with the largest weight. Empty without a router.</param>
/// <param name="GeneralistWeights">[block][token]: weight of expert 0, in [0, 1]. Empty without a router.</param>
/// <param name="FirstWeights">[block][token]: weight of that first expert, in [0, 1]. Empty without a router.</param>
/// <param name="IsCut">The text goes on after the last of the tokens.</param>
[GenerateSerializer, Immutable, Alias("comigs.TokenTrace")]
public sealed record TokenTrace(
    [property: Id(0)] ImmutableArray<string> Tokens,
    [property: Id(1)] ImmutableArray<ImmutableArray<byte>> FirstExperts,
    [property: Id(2)] ImmutableArray<ImmutableArray<float>> GeneralistWeights,
    [property: Id(3)] ImmutableArray<ImmutableArray<float>> FirstWeights,
    [property: Id(4)] bool IsCut);
