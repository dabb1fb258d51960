using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Torch;

/// <summary>Which users can be trained in one stack, and how many of them fit into memory.</summary>
public static class StackPlanner
{
    /// <summary>Splits work into stacks of equal shape and plan whose members' router phases fall on the same steps,
    /// each within the budget or of one user. Keeps the order of arrival within a stack.</summary>
    /// <param name="of">The work in an item.</param>
    public static IReadOnlyList<T[]> Split<T>(
        IEnumerable<T> items, Func<T, LocalWork> of, ModelShape model, long stackBytes) =>
        [.. items.GroupBy(item => (of(item).User.Shape, of(item).Plan, RouterPhase(of(item))))
            .SelectMany(group => group.Chunk(UserLimit(model, group.Key.Shape, group.Key.Plan, stackBytes)))];

    /// <summary>Memory of one user in a stack while a micro-batch is under way: adapters, moments and gradients, what
    /// the forward pass keeps, and the largest step's temporaries. An estimate from above, in bytes.</summary>
    public static long BytesPerUser(ModelShape model, AdapterShape shape, int sequences, int sequenceLength)
    {
        var tokens = (long)sequences * sequenceLength;
        long width = model.Width, hidden = (long)shape.ExpertCount * model.HiddenWidth;
        var attention = (long)model.HeadCount * sequenceLength;
        var ranks = (2 * shape.ExpertCount * shape.MlpRank) + (2 * shape.AttentionRank);
        var kept = model.LayerCount * ((9 * width) + hidden + attention + ranks + (6 * shape.ExpertCount));
        var passing = (10 * hidden) + (6 * attention) + (32 * width);
        return sizeof(float) * ((4L * ParameterLayout.Of(model, shape).Length) + (tokens * (kept + passing)));
    }

    private static int UserLimit(ModelShape model, AdapterShape shape, LocalPlan plan, long stackBytes) =>
        (int)Math.Clamp(
            stackBytes / BytesPerUser(model, shape, plan.MicroBatch, plan.SequenceLength), 1, int.MaxValue);

    private static int RouterPhase(LocalWork work) =>
        work.Plan.Router is RouterMode.AlternatingOnValid or RouterMode.AlternatingOnTrain
            ? work.StepsTaken % work.Plan.RouterEvery
            : 0;
}
