using System.Diagnostics;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Torch;

/// <summary>A user's first micro-batch, computed with the base in bfloat16 and in float32: how far apart the two are,
/// and what further ones cost.</summary>
/// <param name="LossError">|loss − exact| / exact, of the cross-entropy.</param>
/// <param name="GradientError">‖g − exact‖ / ‖exact‖ over all adapters, the routers fixed.</param>
/// <param name="Speedup">float32's time over bfloat16's, forward and backward.</param>
public sealed record PrecisionComparison(double LossError, double GradientError, double Speedup)
{
    private const int TimedPasses = 3;

    /// <param name="frozen">The base in bfloat16.</param>
    /// <param name="checkpoint">The same base; it is on the device in float32 for as long as this takes.</param>
    /// <param name="work">Its user stays as it is.</param>
    internal static PrecisionComparison Of(FrozenBase frozen, BaseCheckpoint checkpoint, LocalWork work)
    {
        using var exactBase = new FrozenBase(checkpoint, frozen.Device, FloatType.Float32);
        var (rounded, exact) = (Pass(frozen, work), Pass(exactBase, work));
        double distance = 0, size = 0;
        for (var i = 0; i < exact.Gradient.Length; i++)
        {
            distance += Math.Pow(rounded.Gradient[i] - exact.Gradient[i], 2);
            size += Math.Pow(exact.Gradient[i], 2);
        }

        return new(
            Math.Abs(rounded.Loss - exact.Loss) / exact.Loss, Math.Sqrt(distance / size), exact.Time / rounded.Time);
    }

    private static (double Loss, float[] Gradient, TimeSpan Time) Pass(FrozenBase frozen, LocalWork work)
    {
        using var learner = new StackLearner(frozen, [work with { Plan = work.Plan with { Accumulation = 1 } }]);
        learner.Accumulate(Phase.Experts, DataSplit.Train);
        var (loss, gradient) = (learner.LossesOf(0)[0].CrossEntropy, learner.Gradient(0));
        var times = Enumerable.Range(0, TimedPasses).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            learner.Accumulate(Phase.Experts, DataSplit.Train);
            learner.Gradient(0);   // waits for the device
            return Stopwatch.GetElapsedTime(start);
        });
        return (loss, gradient, times.Min());
    }
}
