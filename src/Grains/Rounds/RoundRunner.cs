using System.Collections.Immutable;
using CoMiGS.Grains.Faults;
using CoMiGS.Grains.Telemetry;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Rounds;

/// <summary>Saves the end of a round: its report first, then the progress that counts it.</summary>
internal delegate Task Commit(RoundReport report, RunProgress after);

/// <summary>The server's side of Algorithm 1, one round.</summary>
/// <param name="clock">Null: rounds take no time but the wall's.</param>
internal sealed class RoundRunner(
    RunSpec spec, FaultPlan faults, IGrainFactory grains, TimeProvider time, VirtualClock? clock)
{
    /// <summary>Users that are only measured.</summary>
    private readonly string[] spectators =
        [.. spec.Users.Where(user => !user.Trains).Select(user => user.Id)];

    private const string SumLost = "its silo's sum was lost", UploadLost = "its parameters did not arrive";

    private readonly Cohorts cohorts = new(spec);
    private readonly Tickets tickets = new(spec, grains);
    private readonly Evaluations evaluations = new(spec, grains, time);

    /// <exception cref="RoundFailedException">Fewer users than the quorum took part, and the run ends with such a
    /// round.</exception>
    /// <exception cref="ExperimentFailedException">A user's input cannot be used, or a user cannot be
    /// measured.</exception>
    public async Task<RoundReport> RunAsync(RunProgress before, Commit commit, RunEnds ends)
    {
        var (round, started) = (before.NextRound, time.GetTimestamp());

        // 1. Choose the cohort: a function of (seed, round), so a restart chooses the same users.
        // Whose device would be too slow is known, too: nobody waits for it.
        var cohort = cohorts.Choose(before);
        var schedule = clock?.Schedule(cohort, before);

        // 2. Every user copies in θG and trains; 3. θG ← mean of what they send.
        var trace = new FaultTrace(faults, round, time);
        var (outcome, failure) = await TrainAsync(before, cohort, schedule, trace, ends);
        var trainingSeconds = time.GetElapsedTime(started).TotalSeconds;
        var simulated = schedule?.End(outcome.Users);
        var after = before.After(outcome, spec.Users, trainingSeconds, simulated);

        // 4. Measure the users, in the rounds that do.
        var measuringFrom = time.GetTimestamp();
        var measured = spec.Evaluation.Every > 0 && (round + 1) % spec.Evaluation.Every == 0
            ? await MeasureAsync(outcome, after, ends.Either)
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
            Faults = trace.Of(cohort.Users.Select(user => spec.Users[user].Id), schedule),
            Failure = failure,
        };

        // 5. Save before anyone is told: a crash after this line repeats no training.
        using var step = StartStep(RoundStep.Commit);
        await commit(report, after);
        return report;
    }

    private async Task<ImmutableArray<UserEvaluation>> MeasureAsync(
        RoundOutcome outcome, RunProgress after, CancellationToken stop)
    {
        using var step = StartStep(RoundStep.Measure);
        return await evaluations.OnTheWayAsync(outcome.Users.Concat(spectators), after, stop);
    }

    private RoundStep StartStep(string name) => new(name, spec.Method, time);

    /// <summary>Steps 2 and 3, to the quorum or as the run wants it when too few take part.</summary>
    /// <returns>Who took part, and why the round fell short of its quorum if it did.</returns>
    private async Task<(RoundOutcome Outcome, string? Failure)> TrainAsync(
        RunProgress before, Cohort cohort, RoundSchedule? schedule, FaultTrace trace, RunEnds ends)
    {
        RoundFailedException? failure = null;
        var (asked, wanted) = (schedule?.Asked ?? cohort.Users, cohort.Wanted);
        IReadOnlyList<Answer> missing = [.. schedule?.LateAnswers ?? []];
        for (var attempt = 0; ; attempt++)
        {
            using var deadline = new RoundDeadline(TimeSpan.FromSeconds(spec.Round.DeadlineSeconds), time, ends);
            var quorum = CohortSampler.QuorumOf(spec.Round, wanted);
            (var answers, var outcome, attempt) =
                await TrainAndAverageAsync(before, asked, missing, attempt, quorum, deadline, trace);
            if (outcome.Receipts.Length >= quorum)
            {
                return (outcome, failure?.Message);
            }

            failure ??= Failure(before.NextRound, quorum, answers, outcome);
            if (spec.Round.OnFailure == FailedRound.Skip)
            {
                return (RoundOutcome.WithoutAnybody(answers, before.Generalist), failure.Message);
            }

            missing = [.. answers.Where(answer => answer.Receipt is null)];
            var gone = missing.Select(answer => answer.User).ToHashSet();
            asked = [.. asked.Where(user => !gone.Contains(spec.Users[user].Id))];
            if (spec.Round.OnFailure == FailedRound.Stop || asked.Count == 0)
            {
                throw failure;
            }

            wanted = asked.Count;
        }
    }

    /// <summary>Steps 2 and 3, once. When a silo's sum is lost, everybody hands in again under the next attempt: users
    /// that have trained answer the same ticket from what they saved.</summary>
    /// <returns>With the last attempt it took.</returns>
    private async Task<(IReadOnlyList<Answer> Answers, RoundOutcome Outcome, int Attempt)> TrainAndAverageAsync(
        RunProgress before, IReadOnlyList<int> asked, IReadOnlyList<Answer> missing, int firstAttempt, int quorum,
        RoundDeadline deadline, FaultTrace trace)
    {
        for (var attempt = firstAttempt; ; attempt++)
        {
            Answer[] answers =
                [.. await CollectAsync(before, asked, attempt, quorum, deadline, trace), .. missing];
            var outcome = await AverageAsync(before, answers, attempt, quorum, deadline, trace);
            if (!outcome.SumsLost || deadline.IsOver)
            {
                return (answers, outcome, attempt);
            }

            await LostCalls.PauseAsync(attempt - firstAttempt, time, deadline.UsersWait);
        }
    }

    /// <summary>Sends the tickets, and again to those whose silo or call was lost, whatever the quorum: they answer
    /// from another silo as soon as the cluster knows, and who is missing must not depend on the moment of a death. Who
    /// failed for a reason that nobody knows is asked again only below the quorum.</summary>
    /// <returns>In order of user id.</returns>
    private async Task<IReadOnlyList<Answer>> CollectAsync(
        RunProgress before, IReadOnlyList<int> asked, int attempt, int quorum, RoundDeadline deadline, FaultTrace trace)
    {
        var answers = await tickets.SendAsync(before, asked, attempt, 0, deadline, trace);
        for (int tries = 1, inTheDark = 1; ; tries++)
        {
            var again = With(Outlook.Lost);
            if (again.Length == 0 && answers.Count(answer => answer.Receipt is not null) < quorum
                && inTheDark++ < Tickets.TriesInTheDark)
            {
                again = With(Outlook.Open);
            }

            if (again.Length == 0 || deadline.IsOver)
            {
                break;
            }

            await LostCalls.PauseAsync(tries - 1, time, deadline.UsersWait);
            var next = await tickets.SendAsync(
                before, [.. again.Select(i => asked[i])], attempt, tries, deadline, trace);
            foreach (var (place, answer) in again.Zip(next))
            {
                answers[place] = answer;
            }
        }

        return answers;

        int[] With(Outlook outlook) =>
            [.. Enumerable.Range(0, answers.Length).Where(i => answers[i].Outlook == outlook)];
    }

    private async Task<RoundOutcome> AverageAsync(
        RunProgress before, IReadOnlyList<Answer> answers, int attempt, int quorum, RoundDeadline deadline,
        FaultTrace trace)
    {
        ImmutableArray<UserReceipt> receipts = [.. answers.Select(answer => answer.Receipt).OfType<UserReceipt>()];
        var (generalist, bytesAcrossSilos, gap, sumsLost) = (before.Generalist, 0L, (double?)null, false);
        if (generalist is not null && receipts.Length >= quorum)
        {
            using var step = StartStep(RoundStep.Aggregate);
            if (await tickets.AverageAsync(before, receipts, attempt, deadline, trace) is not { } aggregate)
            {
                return RoundOutcome.WithoutAnybody(answers, before.Generalist) with { SumsLost = true };
            }

            Notice(aggregate, trace);
            (receipts, generalist, bytesAcrossSilos, gap, sumsLost) =
                (Answered(aggregate.Receipts, receipts), aggregate.Hash, aggregate.BytesAcrossSilos,
                    aggregate.ProductGap, aggregate.Lost.Length > 0);
        }

        var missing = answers.Select(answer => answer.User).Except(receipts.Select(receipt => receipt.User))
            .Order(StringComparer.Ordinal);
        return new(receipts, [.. missing], generalist, bytesAcrossSilos, gap, sumsLost);
    }

    private static void Notice(Aggregate aggregate, FaultTrace trace)
    {
        foreach (var user in aggregate.Dropped)
        {
            trace.NoticeUser(Answer.Missing(user, UploadLost, Outlook.Final));
        }

        foreach (var user in aggregate.Lost)
        {
            trace.NoticeUser(Answer.Missing(user, SumLost, Outlook.Lost));
        }

        foreach (var user in aggregate.Repeated)
        {
            trace.NoticeRepeated(user);
        }
    }

    /// <summary>The averaged users' receipts, as they answered if they did: only then the upload is over and
    /// timed.</summary>
    private static ImmutableArray<UserReceipt> Answered(
        ImmutableArray<UserReceipt> averaged, ImmutableArray<UserReceipt> answers)
    {
        var byUser = answers.ToDictionary(receipt => receipt.User);
        return [.. averaged.Select(receipt => byUser.GetValueOrDefault(receipt.User, receipt))];
    }

    private RoundFailedException Failure(
        int round, int quorum, IReadOnlyList<Answer> answers, RoundOutcome outcome)
    {
        var reasons = answers.ToDictionary(answer => answer.User, answer => answer.Reason);
        return RoundFailedException.TooFew(
            round, spec.Round, quorum, answers.Count,
            [.. outcome.Missing.Select(user => (user, reasons[user] ?? (outcome.SumsLost ? SumLost : UploadLost)))]);
    }
}
