using System.Diagnostics;
using System.Runtime.InteropServices;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Kernels.Measurement;

/// <summary>How fast one core trains: a micro-batch of sequences forward, the balance statistics, all of them
/// backward, one AdamW step. The figure is the median over repetitions.</summary>
/// <param name="TokensPerSecond">Tokens trained on, of the calling thread.</param>
/// <param name="ForwardShare">Share of the time that went forward.</param>
/// <param name="BaseGflops">GFLOP/s counting the base model alone, see <see cref="LocalFlops"/>.</param>
/// <param name="PassBytes">Native memory of one sequence's activations.</param>
public sealed record StepMeasurement(
    double TokensPerSecond, double ForwardShare, double BaseGflops, long PassBytes)
{
    private const double BalanceWeight = 0.01;

    /// <summary>Measures on the calling thread, at least for <paramref name="duration"/>.</summary>
    public static unsafe StepMeasurement Run(
        PackedModel model, AdapterShape adapters, int tokens, int sequences, TimeSpan duration)
    {
        var layout = ParameterLayout.Of(model.Shape, adapters);
        var passes = new List<SequencePass>();
        var buffers = (float*)NativeMemory.AllocZeroed((nuint)layout.Length, 4 * sizeof(float));
        try
        {
            for (var i = 0; i < sequences; i++)
            {
                passes.Add(new SequencePass(model, layout, tokens));
            }

            var ids = Ids(model.Shape, tokens * sequences);
            var state = new Buffers(buffers, layout, model.Level);
            state.FillParameters();
            List<(double Seconds, double Forward)> times = [];
            var whole = Stopwatch.StartNew();
            Step(passes, state, ids, tokens);
            while (times.Count < 3 || whole.Elapsed < duration)
            {
                times.Add(Step(passes, state, ids, tokens));
            }

            var (seconds, forward) = times.Order().ElementAt(times.Count / 2);
            var speed = tokens * sequences / seconds;
            var gflops = speed * LocalFlops.BaseTrainingPerToken(model.Shape, tokens) / 1e9;
            return new(speed, forward / seconds, gflops, SequencePass.BytesFor(model.Shape, adapters, tokens));
        }
        finally
        {
            passes.ForEach(pass => pass.Dispose());
            NativeMemory.Free(buffers);
        }
    }

    private static unsafe (double Seconds, double Forward) Step(
        List<SequencePass> passes, in Buffers state, int[] ids, int tokens)
    {
        var tally = new RoutingTally(passes[0].Tally.LayerCount, passes[0].Tally.ExpertCount);
        var slopes = new float[tally.Selected.Length];
        double forward = 0;
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < passes.Count; i++)
        {
            var start = watch.Elapsed.TotalSeconds;
            Span<int> x = ids.AsSpan(i * tokens, tokens), y = ids.AsSpan((i * tokens) + 1, tokens);
            passes[i].Forward(state.Parameters, x, y, 1f / (tokens * passes.Count), true, null);
            tally.Add(passes[i].Tally);
            forward += watch.Elapsed.TotalSeconds - start;
            if (state.IsBalanceKnown)
            {
                passes[i].Backward(state.Parameters, slopes, Phase.Experts, state.Gradients);
            }
        }

        if (!state.IsBalanceKnown)
        {
            LoadBalance.Slopes(tally, BalanceWeight, slopes);
            foreach (var pass in passes)
            {
                pass.Backward(state.Parameters, slopes, Phase.Experts, state.Gradients);
            }
        }

        state.Update();
        return (watch.Elapsed.TotalSeconds, forward);
    }

    private static int[] Ids(ModelShape shape, int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count + 1).Select(_ => random.Next(shape.VocabularySize))];
    }

    private readonly unsafe struct Buffers(float* start, ParameterLayout layout, SimdLevel level)
    {
        public float* Parameters => start;

        public float* Gradients => start + layout.Length;

        /// <summary>When every token goes to every expert the balance slopes need no statistics, and a sequence can go
        /// back at once, while its activations are in cache.</summary>
        public bool IsBalanceKnown =>
            !layout.Adapters.Routes || layout.Adapters.RoutedCount == layout.Adapters.ExpertCount;

        public void FillParameters()
        {
            var random = new Random(2);
            for (var i = 0; i < layout.Length; i++)
            {
                start[i] = 0.05f * (random.NextSingle() - 0.5f);
            }
        }

        public void Update()
        {
            AdamW.Step(
                Parameters, Gradients, start + (2L * layout.Length), start + (3L * layout.Length), layout.AdapterLength,
                1e-5, 1, new AdamWSettings(), level);
            new Span<float>(Gradients, layout.Length).Clear();
        }
    }
}
