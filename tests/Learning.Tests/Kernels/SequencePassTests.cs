using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests.Kernels;

public sealed unsafe class SequencePassTests
{
    private static readonly (ModelShape Model, AdapterShape Adapters, int Tokens)[] Cases =
    [
        (new(2, 2, 16, 48, 32), new(2, 4, 8, 16, 2, true), 16),
        (new(2, 3, 15, 37, 20), new(3, 5, 3, 16, 2, true), 20),
        (new(1, 1, 7, 11, 9), new(2, 1, 1, 8, 1, true), 9),
        (new(2, 2, 18, 33, 12), new(4, 3, 2, 16, 1, true), 11),
        (new(2, 2, 20, 300, 12), new(1, 8, 8, 16, 2, true), 12),
        (new(2, 2, 20, 50, 12), new(3, 2, 8, 16, 2, false), 7),
        (new(1, 2, 34, 70, 4), new(8, 17, 9, 16, 2, true), 1),
        (new(2, 4, 36, 40, 35), new(8, 2, 2, 16, 3, true), 35),
        (new(1, 1, 33, 40, 19), new(5, 2, 2, 16, 8, true), 19),
        (new(2, 2, 18, 40, 14), new(6, 3, 2, 16, 2, true), 13),
        (new(1, 3, 21, 40, 14), new(7, 2, 5, 16, 1, true), 14),
    ];

    public static TheoryData<int, SimdLevel, Phase> EveryCase()
    {
        var data = new TheoryData<int, SimdLevel, Phase>();
        for (var i = 0; i < Cases.Length; i++)
        {
            foreach (var level in Enum.GetValues<SimdLevel>().Where(level => level <= SimdLevels.Best))
            {
                foreach (var phase in Enum.GetValues<Phase>())
                {
                    data.Add(i, level, phase);
                }
            }
        }

        return data;
    }

    // Forward: loss, logits, gate. Backward: the phase's gradient is the reference's, every other element stays
    // untouched.
    [Theory, MemberData(nameof(EveryCase))]
    public void Backward_AwkwardSizes_MatchesDoublePrecision(int index, SimdLevel level, Phase phase)
    {
        var (shape, adapters, count) = Cases[index];
        var sample = new Sample(shape, adapters, count, index + 1);
        using var model = PackedModel.Pack(sample.Checkpoint, level);
        using var pass = new SequencePass(model, sample.Layout, shape.PositionCount);
        var expected = sample.Reference();
        var gradient = new float[sample.Layout.Length];
        var logits = new float[count * shape.VocabularySize];
        using var user = Samples.Panels(sample.Layout, level, sample.Parameters);
        fixed (float* g = gradient, l = logits)
        {
            var loss = pass.Forward(user, sample.Tokens, sample.Targets, Sample.LossScale, true, l);
            pass.Backward(user, adapters.Routes ? sample.Slopes : [], phase, g);
            Assert.Equal(expected.LossSum, loss, 2e-6 * expected.LossSum);
        }

        Assert.InRange(Samples.Difference(logits, expected.Logits), 0, 2e-6);
        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            Assert.InRange(Samples.Difference(pass.GateWeights(layer), expected.Weights[layer]), 0, 1e-5);
        }

        foreach (var parameter in sample.Layout.Parameters)
        {
            var isRouter = parameter.Site == AdapterSite.Router;
            var isTrained = phase == Phase.Joint || isRouter == (phase == Phase.Router);
            var wanted = isTrained
                ? expected.Gradient.AsSpan(parameter.Offset, parameter.Length)
                : new double[parameter.Length];
            var difference = Samples.Difference(gradient.AsSpan(parameter.Offset, parameter.Length), wanted);
            Assert.True(difference <= 2e-5, $"{parameter.Name}: {difference:E1}");
        }
    }

    // The reference itself against central differences of its own objective, along random directions.
    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(5), InlineData(7)]
    public void Reference_Gradient_MatchesFiniteDifferences(int index)
    {
        var (shape, adapters, count) = Cases[index];
        var sample = new Sample(shape, adapters, count, index + 1);
        var gradient = sample.Reference().Gradient;
        for (var trial = 0; trial < 3; trial++)
        {
            double[] direction = [.. Samples.Floats(trial, gradient.Length).Select(x => x * 1e-5)];
            var up = sample.Reference(direction).Objective;
            var down = sample.Reference([.. direction.Select(x => -x)]).Objective;
            var slope = 2 * gradient.Zip(direction, (g, x) => g * x).Sum();
            Assert.Equal(slope, up - down, 1e-6 * Math.Max(Math.Abs(slope), 1e-4));
        }
    }

    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void Backward_AnotherAlignmentAndAnotherPass_GivesTheSameBytes(SimdLevel level)
    {
        var (shape, adapters, count) = Cases[1];
        var sample = new Sample(shape, adapters, count, 3);
        using var model = PackedModel.Pack(sample.Checkpoint, level);
        float[] Gradient(int offset)
        {
            using var pass = new SequencePass(model, sample.Layout, shape.PositionCount);
            float[] parameters = [.. new float[offset], .. sample.Parameters];
            var gradient = new float[offset + sample.Layout.Length];
            using var user = Samples.Panels(sample.Layout, level, parameters, offset);
            fixed (float* g = gradient)
            {
                pass.Forward(user, sample.Tokens, sample.Targets, Sample.LossScale, true, null);
                pass.Backward(user, sample.Slopes, Phase.Joint, g + offset);
            }

            return gradient[offset..];
        }

        Assert.Equal(Gradient(0), Gradient(3));
    }

    // What an earlier sequence left behind must not be read: neither longer rows nor the NaNs of a user that diverged.
    [Theory, MemberData(nameof(Samples.Levels), MemberType = typeof(Samples))]
    public void Backward_AfterALongerSequenceAndANaN_GivesTheBytesOfAFreshPass(SimdLevel level)
    {
        var (shape, adapters, count) = Cases[1];
        var sample = new Sample(shape, adapters, count, 3);
        var spoiled = new float[sample.Layout.Length];
        Array.Fill(spoiled, float.NaN);
        float[] Gradient(bool isUsed)
        {
            using var model = PackedModel.Pack(sample.Checkpoint, level);
            using var pass = new SequencePass(model, sample.Layout, count);
            float[] gradient = new float[sample.Layout.Length], unused = new float[gradient.Length];
            using var user = Samples.Panels(sample.Layout, level, isUsed ? spoiled : sample.Parameters);
            fixed (float* p = sample.Parameters, g = gradient, u = unused)
            {
                if (isUsed)
                {
                    pass.Forward(user, sample.Tokens, sample.Targets, Sample.LossScale, true, null);
                    pass.Backward(user, sample.Slopes, Phase.Joint, u);
                    user.Load(p);
                }

                pass.Forward(user, sample.Tokens[..7], sample.Targets[..7], Sample.LossScale, true, null);
                pass.Backward(user, sample.Slopes, Phase.Joint, g);
            }

            return gradient;
        }

        Assert.Equal(Gradient(isUsed: false), Gradient(isUsed: true));
    }

    [Fact]
    public void Forward_ForEvaluation_GivesTheSameLossAndRefusesToGoBack()
    {
        var (shape, adapters, count) = Cases[0];
        var sample = new Sample(shape, adapters, count, 3);
        using var model = PackedModel.Pack(sample.Checkpoint);
        using var pass = new SequencePass(model, sample.Layout, count);
        var gradient = new float[sample.Layout.Length];
        using var user = Samples.Panels(sample.Layout, model.Level, sample.Parameters);
        fixed (float* g = gradient)
        {
            var trained = pass.Forward(user, sample.Tokens, sample.Targets, 1, true, null);
            Assert.Equal(trained, pass.Forward(user, sample.Tokens, sample.Targets, 0, false, null));
            var target = (nint)g;
            Assert.Throws<InvalidOperationException>(() => pass.Backward(user, [], Phase.Joint, (float*)target));
        }
    }

    [Fact]
    public void Step_OnceWarm_AllocatesNoManagedMemory()
    {
        var (shape, adapters, count) = Cases[1];
        var sample = new Sample(shape, adapters, count, 3);
        using var model = PackedModel.Pack(sample.Checkpoint);
        using var pass = new SequencePass(model, sample.Layout, count);
        var gradient = new float[sample.Layout.Length];
        long allocated = 0;
        using var user = Samples.Panels(sample.Layout, model.Level, sample.Parameters);
        fixed (float* p = sample.Parameters, g = gradient)
        {
            for (var i = 0; i < 3; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                user.Load(p);
                pass.Forward(user, sample.Tokens, sample.Targets, Sample.LossScale, true, null);
                pass.Backward(user, sample.Slopes, Phase.Joint, g);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Tally_AfterForward_CountsEveryTokenOnce()
    {
        var (shape, adapters, count) = Cases[1];
        var sample = new Sample(shape, adapters, count, 3);
        using var model = PackedModel.Pack(sample.Checkpoint);
        using var pass = new SequencePass(model, sample.Layout, count);
        using var user = Samples.Panels(sample.Layout, model.Level, sample.Parameters);
        pass.Forward(user, sample.Tokens, sample.Targets, 0, false, null);

        Assert.Equal(count, pass.Tally.TokenCount);
        Assert.Equal(count * shape.LayerCount, pass.Tally.First.Sum());
        Assert.Equal(count * shape.LayerCount * adapters.RoutedCount, pass.Tally.Selected.Sum());
        Assert.Equal(count * shape.LayerCount, pass.Tally.ProbabilitySum.Sum(), 1e-4);
        var first = pass.FirstExperts(1);
        var ofExpertZero = 0;
        foreach (var expert in first)
        {
            ofExpertZero += expert == 0 ? 1 : 0;
        }

        Assert.Equal(pass.Tally.First[adapters.ExpertCount], ofExpertZero);
    }

    [Fact]
    public void Forward_TokenOutsideVocabulary_NamesTheLimit()
    {
        var (shape, adapters, count) = Cases[0];
        var sample = new Sample(shape, adapters, count, 3);
        using var model = PackedModel.Pack(sample.Checkpoint);
        using var pass = new SequencePass(model, sample.Layout, count);
        using var user = Samples.Panels(sample.Layout, model.Level, sample.Parameters);
        var error = Assert.Throws<BadInputException>(() => pass.Forward(user, [48], [0], 0, false, null));
        Assert.Contains("48", error.Message);
    }

    private sealed class Sample
    {
        public const float LossScale = 0.01f;

        public Sample(ModelShape shape, AdapterShape adapters, int count, int seed)
        {
            Checkpoint = Samples.Checkpoint(shape, seed);
            Layout = ParameterLayout.Of(shape, adapters);
            Parameters = Samples.Parameters(Layout, seed);
            Tokens = Samples.Tokens(seed, count, shape.VocabularySize);
            Targets = Samples.Tokens(seed + 1, count, shape.VocabularySize);
            Slopes = Samples.Floats(seed, shape.LayerCount * adapters.ExpertCount, 0.01);
        }

        public BaseCheckpoint Checkpoint { get; }

        public ParameterLayout Layout { get; }

        public float[] Parameters { get; }

        public int[] Tokens { get; }

        public int[] Targets { get; }

        public float[] Slopes { get; }

        public ReferenceModel.Result Reference(double[]? nudge = null) =>
            new ReferenceModel(Checkpoint, Layout).Run(Parameters, Tokens, Targets, LossScale, Slopes, nudge);
    }
}
