using System.Collections.Immutable;
using CoMiGS.Grains.Faults;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Rounds;

/// <summary>How long rounds would take on the users' own devices: the shared parameters down, the operations of local
/// work, the shared parameters up. All of it is known before the round.</summary>
internal sealed class VirtualClock(RunSpec spec, FaultPlan faults, ModelShape model)
{
    private static readonly ulong Tie = Randomness.Key("arrival");

    private readonly Method method = MethodCatalog.Named(spec.Method);
    private readonly Dictionary<AdapterShape, long> sharedBytes = [];

    /// <summary>Whether rounds take time, or it matters who is first.</summary>
    public static bool IsNeeded(RunSpec spec) => spec.Users.Any(user => user.Device is not null)
        || spec.Round.OverSelection > 1 || spec.Faults.Any(rule => rule.Kind?.TakesTime() == true);

    public RoundSchedule Schedule(Cohort cohort, RunProgress before)
    {
        var round = before.NextRound;
        var models = ModelsSent(before);
        var deadline = spec.Round.SimulatedDeadlineSeconds ?? double.PositiveInfinity;
        var all = cohort.Users
            .Select(user => new Arrival(
                user, SecondsOf(user, before, models), faults.IsSilent(round, spec.Users[user].Id)))
            .ToList();

        // The round is complete with the first answers; of equal ones a draw decides.
        var first = all.Where(one => !one.IsSilent && one.Seconds <= deadline)
            .OrderBy(one => one.Seconds)
            .ThenBy(one => Randomness.Uniform(spec.Seed, Tie, (ulong)round, Randomness.Key(spec.Users[one.User].Id)))
            .Take(cohort.Wanted).ToHashSet();
        return new()
        {
            StartSeconds = before.SimulatedSeconds,
            WaitedSeconds = cohort.WaitedSeconds,
            DeadlineSeconds = deadline,
            Wanted = cohort.Wanted,
            Asked = [.. all.Where(one => one.IsSilent || first.Contains(one)).Select(one => one.User)],
            Times = Times(first.Contains),
            Late = Times(one => !one.IsSilent && one.Seconds > deadline),
            Surplus = Times(one => !one.IsSilent && one.Seconds <= deadline && !first.Contains(one)),
        };

        ImmutableArray<SimulatedUser> Times(Func<Arrival, bool> counts) =>
            [.. all.Where(counts).Select(one => new SimulatedUser(spec.Users[one.User].Id, one.Seconds))];
    }

    private double SecondsOf(int index, RunProgress before, int models)
    {
        var user = spec.Users[index];
        var delay = faults.DelaySeconds(before.NextRound, user.Id);
        if (user.Device is not { } device)
        {
            return delay;
        }

        var shape = LocalPlans.ShapeOf(spec, method, user);
        var plan = LocalPlans.Of(spec, method, user, before.NextRound);
        var work = LocalFlops.OfRound(model, shape, plan, before.RoundsOf(index) * plan.StepCount)
            + MixingOf(shape, plan, models);
        double bytes = SharedBytes(shape);
        return (2 * device.LatencySeconds) + (models * bytes / device.DownBytesPerSecond)
            + (faults.Slowness(before.NextRound, user.Id) * work / device.Flops)
            + (bytes / device.UpBytesPerSecond) + delay;
    }

    /// <summary>Times a user's shared parameters that it is sent: once, or everybody's of the round before.</summary>
    private int ModelsSent(RunProgress before) => method.Aggregation == AggregationRule.Stack && before.NextRound > 0
        ? before.Versions.Count(version => version == before.NextRound - 1)
        : 1;

    /// <summary>A user who mixes models measures each on its valid text before it trains.</summary>
    private double MixingOf(AdapterShape shape, LocalPlan plan, int models) =>
        method.Reception == Reception.MixByValid && models > 1
            ? (double)models * spec.Aggregation.ValidTokens
                * LocalFlops.ForwardPerToken(model, shape, plan.SequenceLength)
            : 0;

    private long SharedBytes(AdapterShape shape)
    {
        if (!sharedBytes.TryGetValue(shape, out var bytes))
        {
            var shared = new SharedParameters(ParameterLayout.Of(model, shape), method.Sharing);
            sharedBytes[shape] = bytes = (long)sizeof(float) * shared.Length;
        }

        return bytes;
    }

    /// <param name="User">Index into the spec.</param>
    /// <param name="Seconds">From the ticket to the arrival of what it sends.</param>
    /// <param name="IsSilent">By the fault plan nothing arrives of it.</param>
    private sealed record Arrival(int User, double Seconds, bool IsSilent);
}
