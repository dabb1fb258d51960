using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Learning.Model;

namespace CoMiGS.Grains.Rounds;

/// <summary>A run on the virtual clock without running it: exactly its rounds, if no user fails.</summary>
public static class RoundForecast
{
    /// <summary>Round by round, as far as it is asked for.</summary>
    /// <param name="spec">Of a run whose users have devices.</param>
    /// <exception cref="RoundFailedException">A round finds no device available, or fewer in time than its quorum.
    /// </exception>
    public static IEnumerable<SimulatedRound> Of(RunSpec spec, ModelShape model)
    {
        var (cohorts, clock) = (new Cohorts(spec), new VirtualClock(spec, model));
        for (var progress = RunProgress.Start(spec); progress.NextRound < spec.Rounds;)
        {
            var cohort = cohorts.Choose(progress);
            var schedule = clock.Schedule(cohort, progress);
            var users = schedule.Times.Select(user => user.User).ToArray();
            if (users.Length < CohortSampler.QuorumOf(spec.Round, cohort.Users.Count))
            {
                throw RoundFailedException.TooFew(
                    progress.NextRound, spec.Round, cohort.Users.Count,
                    [.. schedule.LateAnswers.Select(answer => (answer.User, answer.Reason!))]);
            }

            var simulated = schedule.End(users);
            yield return simulated;
            progress = progress.After(users, spec.Users, simulated);
        }
    }
}
