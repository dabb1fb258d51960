using System.Collections.Immutable;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Rounds;

/// <summary>Saves the end of a round: its report first, then the progress that counts it.</summary>
internal delegate Task Commit(RoundReport report, RunProgress after);

/// <summary>The server's side of Algorithm 1, one round.</summary>
/// <param name="clock">Null: users have no devices.</param>
internal sealed class RoundRunner(RunSpec spec, IGrainFactory grains, TimeProvider time, VirtualClock? clock)
{
    /// <summary>Users that are only measured.</summary>
    private readonly string[] spectators =
        [.. spec.Users.Where(user => !user.Trains).Select(user => user.Id)];

    private readonly Cohorts cohorts = new(spec);
    private readonly Tickets tickets = new(spec, grains);
    private readonly Evaluations evaluations = new(spec, grains, time);

    /// <exception cref="RoundFailedException">Fewer users than the quorum took part.</exception>
    /// <exception cref="ExperimentFailedException">A user's input cannot be used, or a user cannot be
    /// measured.</exception>
    public async Task<RoundReport> RunAsync(RunProgress before, Commit commit, RunEnds ends)
    {
        var round = before.NextRound;
        using var deadline = new RoundDeadline(TimeSpan.FromSeconds(spec.Round.DeadlineSeconds), time, ends);

        // 1. Choose the cohort: a function of (seed, round), so a restart chooses the same users.
        // Whose device would be too slow is known, too: nobody waits for it.
        var cohort = cohorts.Choose(before);
        var schedule = clock?.Schedule(cohort, before);

        // 2. Every user copies in θG and trains; 3. θG ← mean of what they send.
        var outcome = await TrainAndAverageAsync(
            before, schedule?.Asked ?? cohort.Users, [.. schedule?.LateAnswers ?? []], deadline);
        var trainingSeconds = deadline.ElapsedSeconds;
        var simulated = schedule?.End(outcome.Users);
        var after = before.After(outcome, spec.Users, trainingSeconds, simulated);

        // 4. Measure the users, in the rounds that do.
        var measuringFrom = time.GetTimestamp();
        var measured = spec.Evaluation.Every > 0 && (round + 1) % spec.Evaluation.Every == 0
            ? await evaluations.OnTheWayAsync(
                outcome.Users.Concat(spectators), after, ends.Either)
            : [];

        var report = new RoundReport
        {
            Round = round,
            RoundCount = spec.Rounds,
            Receipts = outcome.Receipts,
            Missing = outcome.Missing,
            Evaluations = measured,
            TrainingSeconds = trainingSeconds,
            EvaluationSeconds = time.GetElapsedTime(measuringFrom).TotalSeconds,
            BytesSent = outcome.Receipts.Sum(receipt => receipt.BytesSent),
            Generalist = outcome.Generalist,
            BytesAcrossSilos = outcome.BytesAcrossSilos,
            ProductGap = outcome.ProductGap,
            Simulated = simulated,
        };

        // 5. Save before anyone is told: a crash after this line repeats no training.
        await commit(report, after);
        return report;
    }

    /// <summary>Steps 2 and 3. When a silo's sum is lost, everybody hands in again under the next attempt: users that
    /// have trained answer the same ticket from what they saved.</summary>
    private async Task<RoundOutcome> TrainAndAverageAsync(
        RunProgress before, IReadOnlyList<int> asked, IReadOnlyList<Answer> late, RoundDeadline deadline)
    {
        var quorum = CohortSampler.QuorumOf(spec.Round, asked.Count + late.Count);
        for (var attempt = 0; ; attempt++)
        {
            Answer[] answers = [.. await CollectAsync(before, asked, attempt, quorum, deadline), .. late];
            var outcome = await AverageAsync(before, answers, attempt, quorum, deadline);
            if (outcome.Receipts.Length >= quorum)
            {
                return outcome;
            }

            var lost = outcome.Receipts.Length < answers.Count(answer => answer.Receipt is not null);
            if (!lost || deadline.IsOver)
            {
                throw Failure(before.NextRound, answers, outcome);
            }

            await LostCalls.PauseAsync(attempt, time, deadline.UsersWait);
        }
    }

    /// <summary>Sends the tickets, and again to those who failed in a way that may pass, until the quorum has answered:
    /// users of a silo that died answer from another one as soon as the cluster knows.</summary>
    /// <returns>In order of user id.</returns>
    private async Task<IReadOnlyList<Answer>> CollectAsync(
        RunProgress before, IReadOnlyList<int> asked, int attempt, int quorum, RoundDeadline deadline)
    {
        var answers = await tickets.SendAsync(before, asked, attempt, deadline);
        for (var tries = 1; answers.Count(answer => answer.Receipt is not null) < quorum; tries++)
        {
            int[] again =
                [.. Enumerable.Range(0, answers.Length).Where(i => Tickets.MayRecover(answers[i].Outlook, tries))];
            if (again.Length == 0 || deadline.IsOver)
            {
                break;
            }

            await LostCalls.PauseAsync(tries - 1, time, deadline.UsersWait);
            var next = await tickets.SendAsync(before, again.Select(i => asked[i]), attempt, deadline);
            foreach (var (place, answer) in again.Zip(next))
            {
                answers[place] = answer;
            }
        }

        return answers;
    }

    private async Task<RoundOutcome> AverageAsync(
        RunProgress before, IReadOnlyList<Answer> answers, int attempt, int quorum, RoundDeadline deadline)
    {
        ImmutableArray<UserReceipt> receipts = [.. answers.Select(answer => answer.Receipt).OfType<UserReceipt>()];
        var (generalist, bytesAcrossSilos, gap) = (before.Generalist, 0L, (double?)null);
        if (generalist is not null && receipts.Length >= quorum)
        {
            var aggregate = await tickets.AverageAsync(before, receipts, attempt, deadline);
            (receipts, generalist, bytesAcrossSilos, gap) =
                (Answered(aggregate.Receipts, receipts), aggregate.Hash, aggregate.BytesAcrossSilos,
                    aggregate.ProductGap);
        }

        var missing = answers.Select(answer => answer.User).Except(receipts.Select(receipt => receipt.User))
            .Order(StringComparer.Ordinal);
        return new(receipts, [.. missing], generalist, bytesAcrossSilos, gap);
    }

    /// <summary>The averaged users' receipts, as they answered if they did: only then the upload is over and
    /// timed.</summary>
    private static ImmutableArray<UserReceipt> Answered(
        ImmutableArray<UserReceipt> averaged, ImmutableArray<UserReceipt> answers)
    {
        var byUser = answers.ToDictionary(receipt => receipt.User);
        return [.. averaged.Select(receipt => byUser.GetValueOrDefault(receipt.User, receipt))];
    }

    private RoundFailedException Failure(int round, IReadOnlyList<Answer> answers, RoundOutcome outcome)
    {
        var reasons = answers.ToDictionary(answer => answer.User, answer => answer.Reason);
        return RoundFailedException.TooFew(
            round, spec.Round, answers.Count,
            [.. outcome.Missing.Select(user => (user, reasons[user] ?? "its silo's sum was lost"))]);
    }
}
