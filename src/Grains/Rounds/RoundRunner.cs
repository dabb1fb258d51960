using System.Collections.Immutable;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Rounds;

/// <summary>Saves the end of a round: its report first, then the progress that counts it.</summary>
internal delegate Task Commit(RoundReport report, RunProgress after);

/// <summary>The server's side of Algorithm 1, one round.</summary>
internal sealed class RoundRunner(RunSpec spec, IGrainFactory grains, TimeProvider time)
{
    private readonly Tickets tickets = new(spec, grains);
    private readonly Evaluations evaluations = new(spec, grains, time);

    /// <exception cref="RoundFailedException">Fewer users than the quorum took part.</exception>
    /// <exception cref="ExperimentFailedException">A user's input cannot be used, or a user cannot be
    /// measured.</exception>
    public async Task<RoundReport> RunAsync(RunProgress before, Commit commit, CancellationToken stop)
    {
        var round = before.NextRound;
        using var deadline = new RoundDeadline(TimeSpan.FromSeconds(spec.Round.DeadlineSeconds), time, stop);

        // 1. Choose the cohort: a function of (seed, round), so a restart chooses the same users.
        var cohort = CohortSampler.Choose(spec.Users.Length, spec.Round.Cohort, spec.Seed, round);

        // 2. Every user copies in θG and trains; 3. θG ← mean of what they send.
        var outcome = await TrainAndAverageAsync(before, cohort, deadline);
        var trainingSeconds = deadline.ElapsedSeconds;
        var after = before.After(outcome, spec.Users, trainingSeconds);

        // 4. Measure the users, in the rounds that do.
        var measuringFrom = time.GetTimestamp();
        var measured = spec.Evaluation.Every > 0 && (round + 1) % spec.Evaluation.Every == 0
            ? await evaluations.OnTheWayAsync(outcome.Users, after, stop)
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
        };

        // 5. Save before anyone is told: a crash after this line repeats no training.
        await commit(report, after);
        return report;
    }

    /// <summary>Steps 2 and 3. What fails for want of a silo or a message is tried again while there is time: users
    /// that have trained answer the same ticket from what they saved.</summary>
    private async Task<RoundOutcome> TrainAndAverageAsync(
        RunProgress before, IReadOnlyList<int> cohort, RoundDeadline deadline)
    {
        const int AttemptLimit = 4;
        var quorum = Math.Max(1, (int)Math.Ceiling((spec.Round.Quorum * cohort.Count) - 1e-9));
        for (var attempt = 0; ; attempt++)
        {
            var answers = await tickets.SendAsync(before, cohort, attempt, deadline);
            var outcome = await AverageAsync(before, answers, attempt, quorum, deadline);
            if (outcome.Receipts.Length >= quorum)
            {
                return outcome;
            }

            var lost = outcome.Receipts.Length < answers.Count(answer => answer.Receipt is not null);
            if (deadline.IsOver || attempt + 1 == AttemptLimit || !(lost || answers.Any(answer => answer.MayRecover)))
            {
                throw Failure(before.NextRound, quorum, answers, outcome);
            }

            await Tickets.PauseAsync(attempt, time, deadline.ForUsers);
        }
    }

    private async Task<RoundOutcome> AverageAsync(
        RunProgress before, IReadOnlyList<Answer> answers, int attempt, int quorum, RoundDeadline deadline)
    {
        ImmutableArray<UserReceipt> receipts = [.. answers.Select(answer => answer.Receipt).OfType<UserReceipt>()];
        var generalist = before.Generalist;
        if (generalist is not null && receipts.Length >= quorum)
        {
            var aggregate = await tickets.AverageAsync(before, receipts, attempt, deadline);
            (receipts, generalist) = (aggregate.Receipts, aggregate.Hash);
        }

        var missing = answers.Select(answer => answer.User).Except(receipts.Select(receipt => receipt.User));
        return new(receipts, [.. missing], generalist);
    }

    private RoundFailedException Failure(
        int round, int quorum, IReadOnlyList<Answer> answers, RoundOutcome outcome)
    {
        var reasons = answers.ToDictionary(answer => answer.User, answer => answer.Reason);
        var missing = outcome.Missing.Select(user => $"'{user}' ({reasons[user] ?? "its silo's sum was lost"})");
        return new(
            FormattableString.Invariant($"Round {round}: {answers.Count - outcome.Missing.Length} of {answers.Count} ")
            + FormattableString.Invariant($"users took part, but the quorum {spec.Round.Quorum} needs {quorum}; ")
            + $"missing are {string.Join(", ", missing)}.",
            outcome.Missing);
    }
}
