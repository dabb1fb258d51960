using CoMiGS.Grains.Rounds;
using CoMiGS.Learning.Data;

namespace CoMiGS.Grains.Tests.Rounds;

public sealed class CohortSamplerTests
{
    [Theory]
    [InlineData(0, 0, 10, 10)]
    [InlineData(3, 0, 10, 3)]
    [InlineData(30, 0, 10, 10)]
    [InlineData(0, 0.1, 10_000, 1000)]
    [InlineData(0, 0.25, 10, 3)]   // half a user counts
    [InlineData(0, 0.01, 10, 1)]
    [InlineData(0, 1, 10, 10)]
    public void SizeOf_CountOrFraction_IsThatManyUsers(int cohort, double fraction, int users, int expected) =>
        Assert.Equal(expected, CohortSampler.SizeOf(new() { Cohort = cohort, CohortFraction = fraction }, users));

    [Fact]
    public void Choose_IsAFunctionOfSeedAndRound_WithoutRepetition_AndReachesEveryone()
    {
        var first = CohortSampler.Choose(50, 10, seed: 3, round: 4);

        Assert.Equal(first, CohortSampler.Choose(50, 10, seed: 3, round: 4));
        Assert.NotEqual(first, CohortSampler.Choose(50, 10, seed: 3, round: 5));
        Assert.Equal(10, first.Distinct().Count());
        Assert.Equal(first.Order(), first);
        var chosen = Enumerable.Range(0, 1000).SelectMany(round => CohortSampler.Choose(50, 10, 3, round));
        Assert.All(chosen.GroupBy(user => user), user => Assert.InRange(user.Count(), 150, 250));
    }

    [Fact]
    public void ChooseWeighted_IsAFunctionOfSeedAndRound_WithoutRepetition()
    {
        var first = Weighted(Keys(50), user => user + 1, 10, round: 4);

        Assert.Equal(first, Weighted(Keys(50), user => user + 1, 10, round: 4));
        Assert.NotEqual(first, Weighted(Keys(50), user => user + 1, 10, round: 5));
        Assert.Equal(10, first.Distinct().Count());
        Assert.Equal(first.Order(), first);
    }

    /// <summary>The exact probability of being among k, drawn one after another by weight, against how often it
    /// happens; four standard deviations.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void ChooseWeighted_HowOftenAUserIsIn_FollowsTheWeights(int size)
    {
        const int Rounds = 40_000;
        double[] weights = [1, 2, 3, 5, 20];
        var counts = new int[weights.Length];
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var user in Weighted(Keys(weights.Length), user => weights[user], size, round))
            {
                counts[user]++;
            }
        }

        foreach (var (user, expected) in Inclusion(weights, size).Index())
        {
            var deviation = Math.Sqrt(expected * (1 - expected) / Rounds);
            Assert.InRange((double)counts[user] / Rounds, expected - (4 * deviation), expected + (4 * deviation));
        }
    }

    [Fact]
    public void ChooseWeighted_WeightZero_IsNeverDrawn_AndFewerComeIfFewerHaveOne() =>
        Assert.Equal([1, 3], Weighted(Keys(4), user => user % 2, 3, round: 0));

    [Fact]
    public void ChooseWeighted_SomebodyWhoWasNotDrawnLeaves_TheOthersAreDrawnAsBefore()
    {
        var before = Weighted(Keys(20), user => user + 1, 5, round: 2);
        var gone = Enumerable.Range(0, 20).First(user => !before.Contains(user));
        ulong[] left = [.. Keys(20).Where((_, user) => user != gone)];

        var after = Weighted(left, user => user >= gone ? user + 2 : user + 1, 5, round: 2);

        Assert.Equal(before, after.Select(user => user >= gone ? user + 1 : user));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Choose_TenThousandUsers_TakesMemoryForTheCohortAlone(bool byWeight)
    {
        var keys = Keys(10_000);
        Draw(0);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Draw(1);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 40_000);

        int Draw(int round) => byWeight
            ? Weighted(keys, user => user + 1, 256, round).Count
            : CohortSampler.Choose(keys.Length, 256, 1, round).Count;
    }

    private static ulong[] Keys(int users) =>
        [.. Enumerable.Range(0, users).Select(user => Randomness.Key($"u{user}"))];

    private static IReadOnlyList<int> Weighted(ulong[] keys, Func<int, double> weightOf, int size, int round) =>
        CohortSampler.ChooseWeighted(keys, weightOf, size, seed: 3, round);

    /// <summary>By every order of draws.</summary>
    private static double[] Inclusion(double[] weights, int size)
    {
        var result = new double[weights.Length];
        Follow([], 1);
        return result;

        void Follow(int[] drawn, double probability)
        {
            if (drawn.Length == size)
            {
                Array.ForEach(drawn, user => result[user] += probability);
                return;
            }

            int[] left = [.. Enumerable.Range(0, weights.Length).Except(drawn)];
            var sum = left.Sum(user => weights[user]);
            Array.ForEach(left, user => Follow([.. drawn, user], probability * weights[user] / sum));
        }
    }
}
