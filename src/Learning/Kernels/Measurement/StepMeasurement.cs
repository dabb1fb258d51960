using System.Diagnostics;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Training;
using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Learning.Kernels.Measurement;

/// <summary>How fast one core trains: a micro-batch of sequences forward, the balance statistics, all of them
/// backward, their gradients folded, one AdamW step. Speeds are medians over repetitions.</summary>
/// <param name="TokensPerSecond">Tokens trained on, of the calling thread.</param>
/// <param name="BaseGflops">GFLOP/s counting the base model alone, see <see cref="LocalFlops"/>.</param>
/// <param name="PassBytes">Native memory of one sequence's activations.</param>
/// <param name="Parts">Where the time goes: a share of the whole for every part; they sum to 1.</param>
public sealed record StepMeasurement(
    double TokensPerSecond, double BaseGflops, long PassBytes, IReadOnlyList<(StepPart Part, double Share)> Parts)
{
    private const double BalanceWeight = 0.01;

    /// <summary>Measures on the calling thread, at least for <paramref name="duration"/>. Half of the repetitions are
    /// timed part by part, in turn with those that give the speed.</summary>
    public static StepMeasurement Run(
        PackedModel model, AdapterShape adapters, int tokens, int sequences, TimeSpan duration)
    {
        using var step = new Step(model, adapters, tokens, sequences);
        var clock = new StepClock();
        List<double> seconds = [];
        step.Run(null);
        var whole = Stopwatch.StartNew();
        while (seconds.Count < 3 || whole.Elapsed < duration)
        {
            var watch = Stopwatch.StartNew();
            step.Run(null);
            seconds.Add(watch.Elapsed.TotalSeconds);
            clock.Start();
            step.Run(clock);
        }

        var speed = tokens * sequences / seconds.Order().ElementAt(seconds.Count / 2);
        return new(
            speed, speed * LocalFlops.BaseTrainingPerToken(model.Shape, tokens) / 1e9,
            SequencePass.BytesFor(model.Shape, adapters, tokens), clock.Shares());
    }

    /// <summary>One user with random adapters and tokens, and its step again and again.</summary>
    private sealed unsafe class Step : IDisposable
    {
        private readonly List<SequencePass> passes = [];
        private readonly PassPool pool;
        private readonly UserBuffers buffers;
        private readonly ParameterLayout layout;
        private readonly RoutingTally tally;
        private readonly float[] slopes;
        private readonly int[] ids;
        private readonly int tokens;

        public Step(PackedModel model, AdapterShape adapters, int tokens, int sequences)
        {
            this.tokens = tokens;
            layout = ParameterLayout.Of(model.Shape, adapters);
            tally = new(model.Shape.LayerCount, adapters.ExpertCount);
            slopes = new float[tally.Selected.Length];
            var random = new Random(1);
            ids = Draw((tokens * sequences) + 1, () => random.Next(model.Shape.VocabularySize));
            var parameters = Draw(layout.Length, () => 0.05f * (random.NextSingle() - 0.5f));
            pool = new(model, users: 1);
            buffers = new(layout, UserModel.Start(adapters, parameters), CpuLearner.SlotsOf(sequences), pool);
            for (var i = 0; i < sequences; i++)
            {
                passes.Add(new SequencePass(model, layout, tokens));
            }
        }

        public void Run(StepClock? clock)
        {
            var isKnown = CpuLearner.BalanceIsKnown(layout.Adapters);
            buffers.ClearGradient();
            buffers.ClearSlots();
            clock?.Lap(StepPart.Fold);
            tally.Clear();
            for (var i = 0; i < passes.Count; i++)
            {
                passes[i].Clock = clock;
                Span<int> x = ids.AsSpan(i * tokens, tokens), y = ids.AsSpan((i * tokens) + 1, tokens);
                passes[i].Forward(buffers.Panels, x, y, 1f / (tokens * passes.Count), true, null);
                tally.Add(passes[i].Tally);
                if (isKnown)
                {
                    Backward(i);
                }
            }

            if (!isKnown)
            {
                LoadBalance.Slopes(tally, BalanceWeight, slopes);
                clock?.Lap(StepPart.Gate);
                for (var i = 0; i < passes.Count; i++)
                {
                    Backward(i);
                }
            }

            buffers.FoldSlots();
            clock?.Lap(StepPart.Fold);
            buffers.Step(Phase.Experts, false, new AdamWSettings(), 1e-5f);
            clock?.Lap(StepPart.AdamW);
        }

        public void Dispose()
        {
            passes.ForEach(pass => pass.Dispose());
            buffers.Dispose();
            pool.Dispose();
        }

        private static T[] Draw<T>(int count, Func<T> next) => [.. Enumerable.Range(0, count).Select(_ => next())];

        private void Backward(int i)
        {
            var slot = buffers.Slot(i % CpuLearner.SlotsOf(passes.Count));
            passes[i].Backward(buffers.Panels, slopes, Phase.Experts, slot);
        }
    }
}
