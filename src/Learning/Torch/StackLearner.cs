using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Training;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Users with equal shapes and equal plans, trained in one stack. Everything happens on the calling
/// thread.</summary>
internal sealed class StackLearner : ILearner, IDisposable
{
    private readonly FrozenBase frozen;
    private readonly LocalWork[] work;
    private readonly LocalPlan plan;
    private readonly AdapterStack stack;
    private readonly StackedModel model;
    private readonly List<BatchLoss>[] losses;
    private readonly int[] drawn = new int[2]; // micro-batches of each split
    private readonly int[] tokens, targets; // [U · N]
    private int expertSteps, routerSteps;

    public StackLearner(FrozenBase frozen, LocalWork[] work)
    {
        this.frozen = frozen;
        this.work = work;
        plan = work[0].Plan;
        stack = new AdapterStack(
            ParameterLayout.Of(frozen.Shape, work[0].User.Shape), [.. work.Select(item => item.User)], frozen.Device);
        model = new StackedModel(frozen, stack, plan.SequenceLength);
        losses = [.. work.Select(_ => new List<BatchLoss>())];
        tokens = new int[work.Length * TokensPerUser];
        targets = new int[tokens.Length];
    }

    private int TokensPerUser => plan.MicroBatch * plan.SequenceLength;

    public ValueTask AccumulateAsync(Phase phase, DataSplit split)
    {
        Accumulate(phase, split);
        return ValueTask.CompletedTask;
    }

    /// <summary>As <see cref="AccumulateAsync"/>, which has nothing to wait for.</summary>
    public void Accumulate(Phase phase, DataSplit split)
    {
        stack.Gradients.fill_(0f); // zero_ would hand out a second tensor of the same memory, left to the finalizer
        for (var i = 0; i < plan.Accumulation; i++)
        {
            Draw(split);
            Pass(phase);
        }
    }

    public void AddTerm(ParameterTerm term)
    {
        foreach (var (value, list) in stack.AddTerm(term).Zip(losses))
        {
            for (var i = list.Count - plan.Accumulation; i < list.Count; i++)
            {
                list[i] = list[i] with { Optimised = list[i].Optimised + value };
            }
        }
    }

    public void Update(Phase phase, float learningRate)
    {
        var taken = phase == Phase.Router ? ++routerSteps : ++expertSteps;
        var before = work.Select(item => phase == Phase.Router ? item.User.RouterSteps : item.User.ExpertSteps);
        int[] steps = [.. before.Select(count => count + taken)];
        foreach (var (start, count) in phase.PartsOf(stack.Layout, plan.FreezesA))
        {
            StackedAdamW.Step(stack, start, count, steps, learningRate, plan.AdamW);
        }
    }

    /// <summary>One user's part of what <see cref="Accumulate"/> left [layout length].</summary>
    public float[] Gradient(int user) => stack.Gradient(user);

    /// <summary>One user's losses so far.</summary>
    public IReadOnlyList<BatchLoss> LossesOf(int user) => losses[user];

    /// <summary>What the users and their losses are now, in the order of the work.</summary>
    public LocalOutcome[] Finish() =>
        [.. stack.Download(expertSteps, routerSteps).Zip(losses, (user, list) => new LocalOutcome(user, list))];

    public void Dispose()
    {
        model.Dispose();
        stack.Dispose();
    }

    private void Draw(DataSplit split)
    {
        var index = drawn[(int)split]++;
        for (var user = 0; user < work.Length; user++)
        {
            var (start, length) = (user * TokensPerUser, TokensPerUser);
            work[user].Batches.Fill(split, index, tokens.AsSpan(start, length), targets.AsSpan(start, length));
        }
    }

    private void Pass(Phase phase)
    {
        using var scope = NewDisposeScope();
        var state = model.Forward(DeviceTokens.Upload(tokens, frozen.Shape, frozen.Device));
        var (lost, slope) = Head.LossesAndGradient(
            state.Output, DeviceTokens.Upload(targets, frozen.Shape, frozen.Device), frozen,
            1.0 / (TokensPerUser * plan.Accumulation));
        var tallies = RoutingCounts.Tallies(state, stack, TokensPerUser);
        var sums = lost.view(work.Length, -1).sum(1, type: ScalarType.Float64).cpu().data<double>().ToArray();
        for (var user = 0; user < work.Length; user++)
        {
            var entropy = sums[user] / TokensPerUser;
            var optimised = entropy + (plan.BalanceWeight * LoadBalance.Loss(tallies[user]));
            losses[user].Add(new BatchLoss(phase, optimised, entropy, TokensPerUser));
        }

        var balance = RoutingCounts.Slopes(tallies, stack, plan.BalanceWeight / plan.Accumulation, frozen.Device);
        model.Backward(state, slope, balance, phase);
    }
}
