using System.Globalization;
using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Grains.Experiments;

/// <summary>Which defences of the server go together, and with which methods.</summary>
internal static class RobustnessCheck
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>One sentence per problem.</summary>
    public static IEnumerable<string> Problems(RunSpec spec, Method method)
    {
        var aggregation = spec.Aggregation;
        var combine = aggregation.Combine switch
        {
            Combination.Mean => null,
            Combination.Median => "median",
            _ => "trimmedMean",
        };
        if (combine is not null && method.Aggregation != AggregationRule.Mean)
        {
            yield return $"aggregation.combine is {combine}, but the server of method '{method.Name}' has a rule of "
                + "its own.";
        }

        if (combine is not null && aggregation.Averages == Averaged.Products)
        {
            yield return $"aggregation.combine is {combine} and aggregation.averages products, but products have no "
                + "coordinates in common with what is sent.";
        }

        if (combine is not null && aggregation.Weights == UserWeights.Tokens)
        {
            yield return $"aggregation.combine is {combine} and aggregation.weights tokens, but what is cut is a "
                + "number of users, who count alike.";
        }

        if (ServerRule.Of(spec, method) == AggregationRule.TrimmedMean
            && LacksUsers(spec, method) is var (most, least))
        {
            yield return string.Create(
                Invariant, $"aggregation.trim is {aggregation.Trim}, but it takes {least} users a round to cut one ")
                + $"at each end, and a round has {most}.";
        }

        if (aggregation.RejectNorm > 0 && aggregation.RejectNorm <= aggregation.ClipNorm)
        {
            yield return string.Create(
                Invariant, $"aggregation.rejectNorm is {aggregation.RejectNorm}, but must be above ")
                + string.Create(Invariant, $"aggregation.clipNorm, {aggregation.ClipNorm}: else nothing is clipped.");
        }

        if (aggregation is not { RejectNorm: 0, ClipNorm: 0 } && method.Reception == Reception.MixByValid)
        {
            yield return string.Create(
                Invariant, $"aggregation.rejectNorm is {aggregation.RejectNorm} and aggregation.clipNorm ")
                + string.Create(Invariant, $"{aggregation.ClipNorm}, but both must be 0 with method '{method.Name}', ")
                + "whose users start from mixtures that the server does not know.";
        }
    }

    /// <summary>Users of a round, and how many it would take for a trim to do anything: a defence that is none is a
    /// mistake. Null: there are enough.</summary>
    private static (int Most, int Least)? LacksUsers(RunSpec spec, Method method)
    {
        var trim = spec.Aggregation.Trim;
        if (trim <= 0 || method.PoolsData || method.Sharing == Sharing.Nothing)
        {
            return null;
        }

        var most = CohortSampler.SizeOf(spec.Round, spec.Users.Count(user => user.Trains));
        return TrimmedMean.CutOf(trim, most) == 0 ? (most, (int)Math.Ceiling((1 / trim) - 1e-9)) : null;
    }
}
