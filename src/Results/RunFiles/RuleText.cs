using System.Globalization;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Results.RunFiles;

/// <summary>What the server makes of what users send, in words.</summary>
internal static class RuleText
{
    /// <returns>Null where it is the plain mean, or nothing is sent.</returns>
    public static string? Of(RunSpec spec, Method method)
    {
        var (rule, aggregation) = (ServerRule.Of(spec, method), spec.Aggregation);
        var limits = string.Concat(
            Limit(aggregation.RejectNorm, "is refused"), Limit(aggregation.ClipNorm, "is scaled down to that"));
        var byTokens = method.WeighsByTokens || aggregation.Weights == UserWeights.Tokens;
        return method.Sharing == Sharing.Nothing || (rule == AggregationRule.Mean && !byTokens && limits.Length == 0)
            ? null
            : RuleOf(rule, aggregation.Trim) + (byTokens ? ", weighted by train tokens" : "") + limits;
    }

    private static string RuleOf(AggregationRule rule, double trim) => rule switch
    {
        AggregationRule.Mean => "the mean",
        AggregationRule.ZeroPad => "the mean, padded with zeros and weighted by norm",
        AggregationRule.Product => "the best part of the mean of products",
        AggregationRule.Stack => "everybody's parameters as they are",
        AggregationRule.Median => "the median of each coordinate",
        AggregationRule.TrimmedMean => string.Create(
            CultureInfo.InvariantCulture, $"the mean of each coordinate without a share of {trim} at each end"),
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "Unknown rule."),
    };

    private static string Limit(double norm, string then) => norm > 0
        ? string.Create(CultureInfo.InvariantCulture, $"; an update with an L2 norm above {norm} {then}")
        : "";
}
