using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Grains.Training;

/// <summary>What the server of a run makes of what users send: the method's own rule, or what the run file has in the
/// place of the plain mean.</summary>
public static class ServerRule
{
    public static AggregationRule Of(RunSpec spec, Method method) => (method.Aggregation, spec.Aggregation) switch
    {
        (not AggregationRule.Mean and var own, _) => own,
        (_, { Averages: Averaged.Products }) => AggregationRule.Product,
        (_, { Combine: Combination.Median }) => AggregationRule.Median,
        (_, { Combine: Combination.TrimmedMean }) => AggregationRule.TrimmedMean,
        _ => AggregationRule.Mean,
    };
}
