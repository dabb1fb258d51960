using System.Collections.Immutable;
using CoMiGS.Grains.Training;
using CoMiGS.Grains.Users;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Data;

namespace CoMiGS.Grains.Rounds;

/// <summary>Measures users as of a round's end.</summary>
internal sealed class Evaluations(RunSpec spec, IGrainFactory grains, TimeProvider time)
{
    private static readonly ulong Measurement = Randomness.Key("measurement");

    /// <summary>The users of a round, or those that are always measured, on part of their first target. In order of
    /// id.</summary>
    public async Task<ImmutableArray<UserEvaluation>> OnTheWayAsync(
        IEnumerable<string> users, RunProgress after, CancellationToken stop)
    {
        var those = spec.Evaluation.Users == 0 ? users.ToHashSet() : null;
        return await InTimeAsync(inTime => Measured().Where(index => those?.Contains(spec.Users[index].Id) ?? true)
            .Select(index => MeasureAsync(
                spec.Users[index].Id,
                new(after.Generalist, 0, spec.Evaluation.Tokens, Base: false, after.VersionOf(index)), inTime)),
            stop);
    }

    /// <summary>Users on all of their targets, with and without their adapters. In order of id.</summary>
    public Task<ImmutableArray<UserResult>> AtTheEndAsync(RunProgress end, CancellationToken stop) => InTimeAsync(
        inTime => Measured().Select(index => MeasureAsync(spec.Users[index], end, end.VersionOf(index), inTime)), stop);

    /// <summary>Indices into the spec, ascending: all, or a sample that the seed decides.</summary>
    private IEnumerable<int> Measured()
    {
        var all = Enumerable.Range(0, spec.Users.Length);
        return spec.Evaluation.Users == 0
            ? all
            : all.OrderBy(index => Randomness
                    .Of(spec.Seed, Measurement, Randomness.Key(spec.Users[index].Id)).NextUInt64())
                .Take(spec.Evaluation.Users).Order();
    }

    /// <summary>Waits for all, but not longer than the deadline of a measurement.</summary>
    private async Task<ImmutableArray<T>> InTimeAsync<T>(
        Func<CancellationToken, IEnumerable<Task<T>>> measure, CancellationToken stop)
    {
        using var clock = new CancellationTokenSource(TimeSpan.FromSeconds(spec.Evaluation.DeadlineSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, clock.Token);
        try
        {
            return [.. await Task.WhenAll(measure(either.Token))];
        }
        catch (OperationCanceledException late) when (!stop.IsCancellationRequested)
        {
            throw new ExperimentFailedException(
                FormattableString.Invariant($"Measuring users took longer than {spec.Evaluation.DeadlineSeconds} s, ")
                + "the limit in evaluation.deadlineSeconds.", late);
        }
    }

    private async Task<UserResult> MeasureAsync(UserSpec user, RunProgress end, int version, CancellationToken stop)
    {
        var targets = ImmutableArray.CreateBuilder<TargetResult>();
        var trainTokens = 0L;
        for (var target = 0; target < user.Targets.Length; target++)
        {
            var ticket = new EvaluationTicket(end.Generalist, target, Tokens: 0, Base: false, version);
            var trained = await MeasureAsync(user.Id, ticket, stop);
            var untrained = await MeasureAsync(user.Id, ticket with { Base = true }, stop);
            targets.Add(new()
            {
                Name = trained.Target,
                Loss = trained.Loss,
                BaseLoss = untrained.Loss,
                GeneralistShare = trained.GeneralistShare,
            });
            trainTokens = trained.TrainTokens;
        }

        return new()
        {
            Id = user.Id,
            Experts = user.Experts,
            TrainTokens = trainTokens,
            Targets = targets.ToImmutable(),
        };
    }

    /// <summary>Measuring changes nothing, so a call that was lost is made again.</summary>
    private async Task<UserEvaluation> MeasureAsync(string user, EvaluationTicket ticket, CancellationToken stop)
    {
        var grain = grains.GetGrain<IUserGrain>(new UserKey(spec.Experiment, user).ToString());
        try
        {
            return await LostCalls.AgainAsync(
                () => grain.EvaluateAsync(ticket, stop).WaitAsync(stop),
                failed => failed is ExperimentFailedException or UserFailedException, time, stop);
        }
        catch (Exception failed) when (!stop.IsCancellationRequested && failed is not ExperimentFailedException)
        {
            throw new ExperimentFailedException(
                $"User '{user}' could not be measured: {failed.GetBaseException().Message}", failed);
        }
    }
}
