using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Data;

namespace CoMiGS.Grains.Rounds;

/// <summary>The users drawn for a round.</summary>
/// <param name="Users">Indices into the spec, ascending.</param>
/// <param name="Wanted">Answers with which the round is complete: fewer than users if more are asked than
/// wanted.</param>
/// <param name="WaitedSeconds">Of the virtual clock, until any of them was available.</param>
internal sealed record Cohort(IReadOnlyList<int> Users, int Wanted, double WaitedSeconds);

/// <summary>Draws a run's cohorts: a function of the seed, the round and, where devices have hours, the virtual
/// clock.</summary>
internal sealed class Cohorts
{
    /// <summary>A day has every hour: whoever is not available for so long never is, or hardly ever.</summary>
    private const int LongestWaitHours = 7 * 24;

    private readonly RunSpec spec;

    /// <summary>Users that train: indices into the spec.</summary>
    private readonly int[] trainers;

    /// <summary>Of the trainers' ids.</summary>
    private readonly ulong[] keys;

    private readonly int size, wanted;

    public Cohorts(RunSpec spec)
    {
        this.spec = spec;
        trainers = [.. spec.Users.Index().Where(user => user.Item.Trains).Select(user => user.Index)];
        keys = [.. trainers.Select(user => Randomness.Key(spec.Users[user].Id))];
        wanted = CohortSampler.SizeOf(spec.Round, trainers.Length);
        size = CohortSampler.AskedOf(spec.Round, trainers.Length);
    }

    /// <exception cref="RoundFailedException">No device is available for a week of the virtual clock.</exception>
    public Cohort Choose(RunProgress before)
    {
        var round = before.NextRound;
        if (spec.Round.Sampling == Sampling.Availability)
        {
            return ChooseAvailable(round, before.SimulatedSeconds);
        }

        var places = spec.Round.Sampling == Sampling.Size
            ? CohortSampler.ChooseWeighted(keys, place => UserAt(place).SamplingWeight, size, spec.Seed, round)
            : CohortSampler.Choose(trainers.Length, size, spec.Seed, round);
        return CohortOf(places, 0);
    }

    private Cohort ChooseAvailable(int round, double now)
    {
        var first = (long)(now / Availability.HourSeconds);
        for (var hour = first; hour <= first + LongestWaitHours; hour++)
        {
            var places = CohortSampler.ChooseWeighted(
                keys, place => IsAvailable(place, round, hour) ? 1 : 0, size, spec.Seed, round);
            if (places.Count > 0)
            {
                return CohortOf(places, Math.Max(0, (hour * Availability.HourSeconds) - now));
            }
        }

        throw new RoundFailedException(
            $"Round {round + 1}: of {trainers.Length} users' devices none is available for "
            + $"{LongestWaitHours / 24} days of simulated time.",
            [.. trainers.Select(user => spec.Users[user].Id)]);
    }

    private bool IsAvailable(int place, int round, long hour) =>
        Availability.Has(UserAt(place).Device!, keys[place], spec.Seed, round, hour);

    private UserSpec UserAt(int place) => spec.Users[trainers[place]];

    private Cohort CohortOf(IReadOnlyList<int> places, double waitedSeconds) =>
        new([.. places.Select(place => trainers[place])], Math.Min(wanted, places.Count), waitedSeconds);
}
