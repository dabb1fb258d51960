using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Rounds;

/// <summary>How long rounds would take on the users' own devices: the shared parameters down, the operations of local
/// work, the shared parameters up. All of it is known before the round.</summary>
internal sealed class VirtualClock(RunSpec spec, ModelShape model)
{
    private readonly Method method = MethodCatalog.Named(spec.Method);
    private readonly Dictionary<AdapterShape, long> sharedBytes = [];

    public RoundSchedule Schedule(Cohort cohort, RunProgress before)
    {
        var models = ModelsSent(before);
        var deadline = spec.Round.SimulatedDeadlineSeconds ?? double.PositiveInfinity;
        var times = cohort.Users
            .Select(user => (User: user, Time: new SimulatedUser(spec.Users[user].Id, SecondsOf(user, before, models))))
            .ToLookup(user => user.Time.Seconds <= deadline);
        return new(
            before.SimulatedSeconds, cohort.WaitedSeconds, deadline, [.. times[true].Select(user => user.User)],
            [.. times[true].Select(user => user.Time)], [.. times[false].Select(user => user.Time)]);
    }

    private double SecondsOf(int index, RunProgress before, int models)
    {
        var user = spec.Users[index];
        var device = user.Device!;
        var shape = LocalPlans.ShapeOf(spec, method, user);
        var plan = LocalPlans.Of(spec, method, user, before.NextRound);
        var work = LocalFlops.OfRound(model, shape, plan, before.RoundsOf(index) * plan.StepCount)
            + MixingOf(shape, plan, models);
        double bytes = SharedBytes(shape);
        return (2 * device.LatencySeconds) + (models * bytes / device.DownBytesPerSecond) + (work / device.Flops)
            + (bytes / device.UpBytesPerSecond);
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
}
