using CoMiGS.Grains.Faults;
using CoMiGS.Grains.Training;
using CoMiGS.Grains.Users;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Rounds;

/// <summary>The calls of a round, each bounded by its deadline.</summary>
internal sealed class Tickets(RunSpec spec, IGrainFactory grains)
{
    /// <summary>How often something is asked for that fails and nobody knows why.</summary>
    public const int TriesInTheDark = 4;

    /// <summary>Sends users their tickets at once, the longest work first, and waits for the answers, at most until the
    /// deadline.</summary>
    /// <param name="users">Indices into the spec.</param>
    /// <param name="tries">How often this attempt has asked them before.</param>
    /// <returns>In the order of <paramref name="users"/>.</returns>
    public async Task<Answer[]> SendAsync(
        RunProgress before, IReadOnlyList<int> users, int attempt, int tries, RoundDeadline deadline, FaultTrace trace)
    {
        var answers = new Answer[users.Count];
        await Task.WhenAll(LongestFirst(users).Select(async place =>
        {
            var index = users[place];
            answers[place] = await SendAsync(
                spec.Users[index].Id,
                new(spec.Experiment, before.NextRound, attempt, before.Generalist, before.VersionOf(index),
                    before.LateRoundsOf(index), Rests: spec.Round.DrawsCohorts, tries,
                    before.OldestManifest(spec.Checkpoints.Keep), before.Life),
                deadline, trace);
        }));
        return answers;
    }

    /// <summary>Silos take users in order of arrival, so a long one that came last would keep a thread at work alone.
    /// </summary>
    /// <returns>Places in <paramref name="users"/>.</returns>
    internal IEnumerable<int> LongestFirst(IReadOnlyList<int> users) =>
        Enumerable.Range(0, users.Count).OrderByDescending(place => SequencesOf(spec.Users[users[place]]))
            .ThenByDescending(place => spec.Users[users[place]].Experts);

    private static long SequencesOf(UserSpec user) => (long)user.LocalSteps * user.MicroBatch * user.Accumulation;

    /// <summary>Has the aggregator average what the silos of these users hold.</summary>
    /// <returns>Null when it fails for want of a silo, or a few times for whatever reason: as if every silo had lost
    /// its sum.</returns>
    public async Task<Aggregate?> AverageAsync(
        RunProgress before, IReadOnlyCollection<UserReceipt> receipts, int attempt, RoundDeadline deadline,
        FaultTrace trace)
    {
        var groups = receipts.GroupBy(receipt => (receipt.Silo, receipt.Sum)).OrderBy(group => group.Key)
            .Select(group => new AggregationGroup(
                group.Key.Silo, [.. group.Select(receipt => receipt.User)], group.Key.Sum));
        var order = new AggregationOrder(before.NextRound, attempt, [.. groups], before.Life);
        try
        {
            return await grains.GetGrain<IAggregatorGrain>(spec.Experiment)
                .AggregateAsync(order, deadline.ForServer).WaitAsync(deadline.ServerWait);
        }
        catch (Exception failed) when (!deadline.IsLeft && OutlookOf(failed) switch
        {
            Outlook.Lost => true,
            Outlook.Open => attempt + 1 < TriesInTheDark,
            _ => false,
        })
        {
            trace.NoticeServer(LostCalls.ReasonOf(failed));
            return null;
        }
    }

    private static Outlook OutlookOf(Exception failed) => failed switch
    {
        ExperimentFailedException or UserFailedException => Outlook.Final,
        _ => LostCalls.IsLost(failed) ? Outlook.Lost : Outlook.Open,
    };

    private async Task<Answer> SendAsync(string user, RoundTicket ticket, RoundDeadline deadline, FaultTrace trace)
    {
        var answer = await AskAsync(user, ticket, deadline);
        if (answer.Receipt is null)
        {
            trace.NoticeUser(answer);
        }

        return answer;
    }

    private async Task<Answer> AskAsync(string user, RoundTicket ticket, RoundDeadline deadline)
    {
        try
        {
            var grain = grains.GetGrain<IUserGrain>(new UserKey(spec.Experiment, user).ToString());
            return Answer.Of(await grain.TrainAsync(ticket, deadline.ForUsers).WaitAsync(deadline.UsersWait));
        }
        catch (OperationCanceledException) when (deadline.IsLeft)
        {
            throw;
        }
        catch (ExperimentFailedException)
        {
            deadline.GiveUp();
            throw;
        }
        catch (OperationCanceledException) when (deadline.ForUsers.IsCancellationRequested)
        {
            var reason = FormattableString.Invariant($"no answer within {spec.Round.DeadlineSeconds} s");
            return Answer.Missing(user, reason, Outlook.Final);
        }
        catch (Exception failed)
        {
            return Answer.Missing(user, LostCalls.ReasonOf(failed), OutlookOf(failed));
        }
    }
}
