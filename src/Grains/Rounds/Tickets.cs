using CoMiGS.Grains.Users;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Rounds;

/// <summary>The calls of a round, each bounded by its deadline.</summary>
internal sealed class Tickets(RunSpec spec, IGrainFactory grains)
{
    /// <summary>Sends the cohort its tickets at once and waits for the answers, at most until the deadline.</summary>
    /// <returns>In order of user id.</returns>
    public async Task<IReadOnlyList<Answer>> SendAsync(
        RunProgress before, IReadOnlyList<int> cohort, int attempt, RoundDeadline deadline)
    {
        var answers = await Task.WhenAll(cohort.Select(index => SendAsync(
            spec.Users[index].Id,
            new(spec.Experiment, before.NextRound, attempt, before.Generalist, before.VersionOf(index)), deadline)));
        return answers;
    }

    /// <summary>Has the aggregator average what the silos of these users hold.</summary>
    public async Task<Aggregate> AverageAsync(
        RunProgress before, IReadOnlyCollection<UserReceipt> receipts, int attempt, RoundDeadline deadline)
    {
        var groups = receipts.GroupBy(receipt => receipt.Silo).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new AggregationGroup(group.Key, [.. group.Select(receipt => receipt.User)]));
        var order = new AggregationOrder(before.NextRound, attempt, [.. groups], before.Generalist!);
        try
        {
            return await grains.GetGrain<IAggregatorGrain>(spec.Experiment)
                .AggregateAsync(order, deadline.ForServer).WaitAsync(deadline.ForServer);
        }
        catch (Exception failed) when (MayRecover(failed))
        {
            // The sums are lost with the call: as if every silo had lost its own.
            return new("", [], [.. receipts.Select(receipt => receipt.User)]);
        }
    }

    /// <summary>Waits before another attempt: ¼, ½, 1 … s.</summary>
    public static async Task PauseAsync(int attempt, TimeProvider time, CancellationToken stop) =>
        await Task.Delay(TimeSpan.FromMilliseconds(250 << attempt), time, stop)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    /// <summary>Whether a failed call says nothing about the work itself.</summary>
    public static bool MayRecover(Exception failed) =>
        failed is not (ExperimentFailedException or UserFailedException);

    private async Task<Answer> SendAsync(string user, RoundTicket ticket, RoundDeadline deadline)
    {
        try
        {
            var grain = grains.GetGrain<IUserGrain>(new UserKey(spec.Experiment, user).ToString());
            return Answer.Of(await grain.TrainAsync(ticket, deadline.ForUsers).WaitAsync(deadline.ForUsers));
        }
        catch (ExperimentFailedException)
        {
            deadline.GiveUp();
            throw;
        }
        catch (OperationCanceledException) when (deadline.ForUsers.IsCancellationRequested)
        {
            var reason = FormattableString.Invariant($"no answer within {spec.Round.DeadlineSeconds} s");
            return Answer.Missing(user, reason, mayRecover: false);
        }
        catch (Exception failed)
        {
            return Answer.Missing(user, failed.GetBaseException().Message, MayRecover(failed));
        }
    }
}
