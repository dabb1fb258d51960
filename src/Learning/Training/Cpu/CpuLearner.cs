using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Training.Cpu;

/// <summary>One user in the middle of a round on the CPU. A tile is one slot of sequences; every slot has a gradient
/// buffer of its own and the buffers are folded in order, so a user's result does not depend on threads or on other
/// users.</summary>
internal sealed class CpuLearner : ILearner, IDisposable
{
    /// <summary>Gradient buffers of a user, and so the most threads that can work on one user at once. A constant: the
    /// order of additions is part of the result.</summary>
    private const int SlotCountMax = 8;

    private readonly TilePool pool;
    private readonly PassPool passes;
    private readonly LocalPlan plan;
    private readonly ParameterLayout layout;
    private readonly IBatchSource batches;
    private readonly UserBuffers buffers;
    private readonly SequencePass?[] held;
    private readonly RoutingTally[] tallies;
    private readonly RoutingTally sum;
    private readonly double[] crossEntropies;
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly float[] slopes;
    private readonly int slotCount;
    private readonly int[] drawn = new int[2];

    // What the tiles of the current micro-batch read.
    private readonly Action<int> forwardTile;
    private readonly Action<int> backwardTile;
    private readonly Action<int> bothTile;
    private Phase phase;
    private float lossScale;

    public CpuLearner(TilePool pool, PassPool passes, ParameterLayout layout, LocalWork work)
    {
        (this.pool, this.passes, this.layout, plan, batches) = (pool, passes, layout, work.Plan, work.Batches);
        slotCount = SlotsOf(plan.MicroBatch);
        buffers = new(layout, work.User, slotCount, passes);
        held = new SequencePass?[plan.MicroBatch];
        tallies = new RoutingTally[plan.MicroBatch];
        for (var i = 0; i < tallies.Length; i++)
        {
            tallies[i] = NewTally();
        }

        sum = NewTally();
        crossEntropies = new double[plan.MicroBatch];
        tokens = new int[plan.MicroBatch * plan.SequenceLength];
        targets = new int[tokens.Length];
        slopes = layout.Adapters.Routes ? new float[sum.Selected.Length] : [];
        (forwardTile, backwardTile, bothTile) = (ForwardSequence, BackwardSlot, BothSlot);
    }

    public List<BatchLoss> Losses { get; } = [];

    /// <summary>Gradient buffers for micro-batches of that many sequences.</summary>
    public static int SlotsOf(int microBatch) => Math.Min(microBatch, SlotCountMax);

    /// <summary>Whether f_j is known before any token is routed, so that a sequence can go backward at once.</summary>
    public static bool BalanceIsKnown(AdapterShape adapters) =>
        !adapters.Routes || adapters.RoutedCount == adapters.ExpertCount;

    public async ValueTask AccumulateAsync(Phase phase, DataSplit split)
    {
        this.phase = phase;
        lossScale = 1f / (tokens.Length * plan.Accumulation);
        buffers.ClearGradient();
        for (var micro = 0; micro < plan.Accumulation; micro++)
        {
            batches.Fill(split, drawn[(int)split]++, tokens, targets);
            buffers.ClearSlots();
            if (BalanceIsKnown(layout.Adapters))
            {
                SetKnownSlopes();
                await pool.RunAsync(slotCount, bothTile);
                AddLosses();
            }
            else
            {
                await pool.RunAsync(plan.MicroBatch, forwardTile);
                AddLosses();
                LoadBalance.Slopes(sum, plan.BalanceWeight / plan.Accumulation, slopes);
                await pool.RunAsync(slotCount, backwardTile);
            }

            buffers.FoldSlots();
        }
    }

    public void AddTerm(ParameterTerm term)
    {
        var value = buffers.AddTerm(term);
        for (var i = Losses.Count - plan.Accumulation; i < Losses.Count; i++)
        {
            Losses[i] = Losses[i] with { Optimised = Losses[i].Optimised + value };
        }
    }

    public void Update(Phase phase, float learningRate) =>
        buffers.Step(phase, plan.FreezesA, plan.AdamW, learningRate);

    public UserModel Result() => buffers.ToUser();

    public void Dispose()
    {
        for (var i = 0; i < held.Length; i++)
        {
            ReturnPass(i);
        }

        buffers.Dispose();
    }

    private RoutingTally NewTally() => new(layout.Model.LayerCount, layout.Adapters.ExpertCount);

    /// <summary>When every token goes to every expert f_j = 1, whatever the router says.</summary>
    private void SetKnownSlopes()
    {
        if (slopes.Length > 0)
        {
            sum.Clear();
            sum.TokenCount = tokens.Length;
            Array.Fill(sum.Selected, tokens.Length);
            LoadBalance.Slopes(sum, plan.BalanceWeight / plan.Accumulation, slopes);
        }
    }

    private void BothSlot(int slot)
    {
        for (var sequence = slot; sequence < plan.MicroBatch; sequence += slotCount)
        {
            ForwardSequence(sequence);
            BackwardSequence(sequence, slot);
        }
    }

    private void BackwardSlot(int slot)
    {
        for (var sequence = slot; sequence < plan.MicroBatch; sequence += slotCount)
        {
            BackwardSequence(sequence, slot);
        }
    }

    private unsafe void ForwardSequence(int sequence)
    {
        var pass = held[sequence] = passes.Rent(layout, plan.SequenceLength);
        var start = sequence * plan.SequenceLength;
        crossEntropies[sequence] = pass.Forward(
            buffers.Panels, tokens.AsSpan(start, plan.SequenceLength), targets.AsSpan(start, plan.SequenceLength),
            lossScale, true, null);
        if (slopes.Length > 0)
        {
            tallies[sequence].Clear();
            tallies[sequence].Add(pass.Tally);
        }
    }

    private unsafe void BackwardSequence(int sequence, int slot)
    {
        held[sequence]!.Backward(buffers.Panels, slopes, phase, buffers.Slot(slot));
        ReturnPass(sequence);
    }

    private void ReturnPass(int sequence)
    {
        if (held[sequence] is { } pass)
        {
            held[sequence] = null;
            passes.Return(pass, layout, plan.SequenceLength);
        }
    }

    private void AddLosses()
    {
        sum.Clear();
        var crossEntropy = 0.0;
        for (var sequence = 0; sequence < plan.MicroBatch; sequence++)
        {
            crossEntropy += crossEntropies[sequence];
            sum.Add(tallies[sequence]);
        }

        crossEntropy /= tokens.Length;
        var balance = slopes.Length > 0 ? plan.BalanceWeight * LoadBalance.Loss(sum) : 0;
        Losses.Add(new(phase, crossEntropy + balance, crossEntropy, tokens.Length));
    }
}
