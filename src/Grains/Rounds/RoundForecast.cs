using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Learning.Model;

namespace CoMiGS.Grains.Rounds;

/// <summary>A run on the virtual clock without running it: exactly its rounds, if no user fails but as the fault plan
/// wants it.</summary>
public static class RoundForecast
{
    /// <summary>Whether a run's rounds take time on the virtual clock.</summary>
    public static bool IsOnVirtualClock(RunSpec spec) => VirtualClock.IsNeeded(spec);

    /// <summary>Round by round, as far as it is asked for.</summary>
    /// <param name="spec">Of a run whose users have devices.</param>
    /// <exception cref="RoundFailedException">A round finds no device available, or fewer in time than its quorum.
    /// </exception>
    public static IEnumerable<SimulatedRound> Of(RunSpec spec, ModelShape model)
    {
        var (cohorts, clock) = (new Cohorts(spec), new VirtualClock(spec, new(spec), model));
        for (var progress = RunProgress.Start(spec); progress.NextRound < spec.Rounds;)
        {
            var cohort = cohorts.Choose(progress);
            var schedule = clock.Schedule(cohort, progress);
            var users = schedule.Times.Select(user => user.User).ToArray();
            var quorum = CohortSampler.QuorumOf(spec.Round, schedule.Wanted);
            if (users.Length < quorum && spec.Round.OnFailure == FailedRound.Stop)
            {
                var reasons = schedule.ReasonsAgainst();
                throw RoundFailedException.TooFew(
                    progress.NextRound, spec.Round, quorum, cohort.Users.Count,
                    [.. cohort.Users.Select(user => spec.Users[user].Id).Except(users)
                        .Select(user => (user, reasons.GetValueOrDefault(user, "by the fault plan")))]);
            }

            var simulated = schedule.End(users);
            yield return simulated;
            progress = progress.After(users, spec.Users, simulated);
        }
    }
}
