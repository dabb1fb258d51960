using CoMiGS.Learning.Data;

namespace CoMiGS.Grains.Rounds;

/// <summary>Who takes part in a round: a function of (seed, round), so that a restart chooses the same users.</summary>
internal static class CohortSampler
{
    /// <param name="size">Users wanted, uniformly without replacement; 0, or as many as there are: everybody.</param>
    /// <returns>Indices of users, ascending.</returns>
    public static IReadOnlyList<int> Choose(int userCount, int size, ulong seed, int round)
    {
        if (size == 0 || size >= userCount)
        {
            return [.. Enumerable.Range(0, userCount)];
        }

        // Floyd's sample: one draw per member, whatever the population.
        var random = Randomness.Of(seed, Randomness.Key("cohort"), (ulong)round);
        var chosen = new SortedSet<int>();
        for (var last = userCount - size; last < userCount; last++)
        {
            var drawn = random.NextBelow(last + 1);
            chosen.Add(chosen.Contains(drawn) ? last : drawn);
        }

        return [.. chosen];
    }
}
