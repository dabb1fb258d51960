using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Training;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Forward passes of one user without training.</summary>
internal static class StackProbe
{
    /// <summary>Cross-entropy over windows, as many at a time as the budget allows.</summary>
    public static Measurement Measure(FrozenBase frozen, MeasureWork work, long stackBytes, CancellationToken stop)
    {
        using var stack = Stack(frozen, work.User);
        double lossSum = 0;
        long tokenCount = 0;
        var tally = new RoutingTally(frozen.Blocks.Count, work.User.Shape.ExpertCount);
        foreach (var sameLength in work.Windows.GroupBy(window => window.Length - 1))
        {
            var length = sameLength.Key;
            using var model = new StackedModel(frozen, stack, length);
            var limit = stackBytes / StackPlanner.BytesPerUser(frozen.Shape, work.User.Shape, 1, length);
            foreach (var windows in sameLength.Chunk((int)Math.Clamp(limit, 1, 1024)))
            {
                stop.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                int[] tokens = [.. windows.SelectMany(window => window.Take(length))];
                int[] targets = [.. windows.SelectMany(window => window.Skip(1))];
                var state = model.Forward(DeviceTokens.Upload(tokens, frozen.Shape, frozen.Device));
                lossSum += Sum(state, targets, frozen);
                tokenCount += targets.Length;
                tally.Add(RoutingCounts.Tallies(state, stack, targets.Length)[0]);
            }
        }

        return new Measurement(lossSum, tokenCount, tally);
    }

    /// <summary>One micro-batch with everything it computed on the way out.</summary>
    public static Inspection Inspect(FrozenBase frozen, InspectWork work)
    {
        using var scope = NewDisposeScope();
        using var stack = Stack(frozen, work.User);
        using var model = new StackedModel(frozen, stack, work.SequenceLength);
        var state = model.Forward(DeviceTokens.Upload(work.Tokens, frozen.Shape, frozen.Device));
        var entropy = Sum(state, work.Targets, frozen) / work.Targets.Length;
        var balance = LoadBalance.Loss(RoutingCounts.Tallies(state, stack, work.Targets.Length)[0]);
        var routed = state.Blocks.Where(block => block.Router is not null);
        return new Inspection(
            new BatchLoss(
                Phase.Joint, entropy + (work.BalanceWeight * balance), entropy, work.Targets.Length),
            Head.Logits(state.Output, frozen).cpu().data<float>().ToArray(),
            [.. routed.Select(block => First(block.Router!))],
            [.. routed.Select(block => block.Mlp.Gates.transpose(1, 2).cpu().data<float>().ToArray())]);
    }

    private static AdapterStack Stack(FrozenBase frozen, UserModel user) =>
        new(ParameterLayout.Of(frozen.Shape, user.Shape), [user], frozen.Device);

    private static double Sum(StackedModel.State state, int[] targets, FrozenBase frozen) =>
        Head.Losses(state.Output, DeviceTokens.Upload(targets, frozen.Shape, frozen.Device), frozen)
            .sum(ScalarType.Float64).item<double>();

    private static byte[] First(Router.Saved router) =>
        [.. router.Chosen.narrow(-1, 0, 1).cpu().data<long>().ToArray().Select(expert => (byte)expert)];
}
