using System.Collections.Immutable;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Training;

namespace CoMiGS.Dashboard.Views;

/// <summary>Where the tokens of a text go in a user's routers.</summary>
/// <param name="Experts">[block][token]: expert with the largest weight; empty without a router.</param>
/// <param name="Weights">[block][token]: its weight, in [0, 1]; empty without a router.</param>
/// <param name="IsCut">The text goes on after the last of the tokens.</param>
internal sealed record TraceView(
    string User, ImmutableArray<string> Tokens, ImmutableArray<int[]> Experts, ImmutableArray<double[]> Weights,
    bool IsCut)
{
    public static TraceView Of(string user, TokenTrace trace) => new(
        user, trace.Tokens,
        [.. trace.FirstExperts.Select(block => block.Select(expert => (int)expert).ToArray())],
        [.. trace.FirstWeights.Select(block => block.Select(Rounded).ToArray())], trace.IsCut);

    public static TraceView Of(string user, TextTrace trace) => new(
        user, [.. trace.Tokens],
        [.. trace.FirstExperts.Select(block => block.Select(expert => (int)expert).ToArray())],
        [.. trace.FirstWeights.Select(block => block.Select(Rounded).ToArray())], trace.IsCut);

    /// <summary>More digits nobody sees.</summary>
    private static double Rounded(float weight) => Math.Round(weight, 3);
}
