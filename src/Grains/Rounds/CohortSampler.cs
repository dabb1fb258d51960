using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Data;

namespace CoMiGS.Grains.Rounds;

/// <summary>Who takes part in a round: a function of (seed, round), so that a restart chooses the same users. Without
/// replacement; indices of users, ascending.</summary>
public static class CohortSampler
{
    private static readonly ulong Purpose = Randomness.Key("cohort");

    /// <summary>Users that a round wants.</summary>
    /// <param name="userCount">Users that train.</param>
    public static int SizeOf(RoundSpec round, int userCount) => round switch
    {
        { CohortFraction: > 0 and var fraction } =>
            Math.Max(1, (int)Math.Round(fraction * userCount, MidpointRounding.AwayFromZero)),
        { Cohort: 0 } => userCount,
        _ => Math.Min(round.Cohort, userCount),
    };

    /// <summary>Users that a round asks: over-selection asks more than it wants.</summary>
    /// <param name="userCount">Users that train.</param>
    public static int AskedOf(RoundSpec round, int userCount) =>
        Math.Min(userCount, (int)Math.Ceiling((SizeOf(round, userCount) * round.OverSelection) - 1e-9));

    /// <summary>Receipts that a round needs.</summary>
    /// <param name="cohort">Users drawn, late ones too.</param>
    public static int QuorumOf(RoundSpec round, int cohort) =>
        Math.Max(1, (int)Math.Ceiling((round.Quorum * cohort) - 1e-9));

    /// <summary>All alike.</summary>
    /// <param name="size">Users wanted, at least 1; as many as there are: everybody.</param>
    public static IReadOnlyList<int> Choose(int userCount, int size, ulong seed, int round)
    {
        if (size >= userCount)
        {
            return [.. Enumerable.Range(0, userCount)];
        }

        // Floyd's sample: one draw per member, whatever the population.
        var random = Randomness.Of(seed, Purpose, (ulong)round);
        var chosen = new SortedSet<int>();
        for (var last = userCount - size; last < userCount; last++)
        {
            var drawn = random.NextBelow(last + 1);
            chosen.Add(chosen.Contains(drawn) ? last : drawn);
        }

        return [.. chosen];
    }

    /// <summary>One after another, each with probability proportional to its weight among those that are left: the
    /// users with the smallest of exponential variates whose rates are the weights (Efraimidis and Spirakis, IPL 2006).
    /// A user's variate is its own, whoever else there is.</summary>
    /// <param name="userKeys">Of every user's id.</param>
    /// <param name="weightOf">By index, at least 0; with 0 a user is never drawn.</param>
    /// <param name="size">Users wanted, at least 1; fewer come if fewer have a weight.</param>
    public static IReadOnlyList<int> ChooseWeighted(
        ReadOnlySpan<ulong> userKeys, Func<int, double> weightOf, int size, ulong seed, int round)
    {
        var chosen = new PriorityQueue<int, double>(size);   // the largest variate is the first to go
        for (var user = 0; user < userKeys.Length; user++)
        {
            if (weightOf(user) is > 0 and var weight)
            {
                var draw = Randomness.Uniform(seed, Purpose, (ulong)round, userKeys[user]);
                var variate = -Math.Log(1 - draw) / weight;   // 1 − draw is in (0, 1]
                if (chosen.Count < size)
                {
                    chosen.Enqueue(user, -variate);
                }
                else
                {
                    chosen.EnqueueDequeue(user, -variate);
                }
            }
        }

        return [.. chosen.UnorderedItems.Select(item => item.Element).Order()];
    }
}
