using System.Runtime.Intrinsics.X86;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Torch;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Tests.Torch;

/// <summary>The base in bfloat16: what is rounded, and how far that goes.</summary>
[Collection(nameof(TorchPresence))]
public class PrecisionTests
{
    /// <summary>Largest relative error of rounding to 8 significant bits.</summary>
    private const double Rounding = 1.0 / 256;

    [Fact]
    public async Task TrainAsync_Bfloat16_TellsOnceHowFarTheGradientIsFromFloat32()
    {
        var told = new List<PrecisionComparison>();
        using var trainer = Open(new TorchSettings { Precision = FloatType.Bfloat16, Compared = told.Add });

        await trainer.TrainAsync(TorchSamples.Work(1), default);
        await trainer.TrainAsync(TorchSamples.Work(2), default);

        var comparison = Assert.Single(told);
        Assert.InRange(comparison.LossError, 1e-7, 1e-2);
        Assert.InRange(comparison.GradientError, 1e-3, 5e-2);
        Assert.InRange(comparison.Speedup, 1e-3, 1e3);
    }

    [Fact]
    public async Task TrainAsync_Float32_ComparesNothing()
    {
        var told = new List<PrecisionComparison>();
        using var trainer = Open(new TorchSettings { Compared = told.Add });

        await trainer.TrainAsync(TorchSamples.Work(1), default);

        Assert.Empty(told);
    }

    [Fact]
    public async Task TrainAsync_Bfloat16_IsTheSameWhetherOrNotAnybodyCompares()
    {
        using var telling = Open(new TorchSettings { Precision = FloatType.Bfloat16, Compared = _ => { } });
        using var silent = Open(new TorchSettings { Precision = FloatType.Bfloat16 });

        var one = await telling.TrainAsync(TorchSamples.Work(1), default);
        var other = await silent.TrainAsync(TorchSamples.Work(1), default);

        Assert.Equal(one.User.Parameters, other.User.Parameters);
        Assert.Equal(one.Losses, other.Losses);
    }

    [Fact]
    public async Task TrainAsync_Bfloat16_FollowsFloat32sLosses()
    {
        using var rounded = Open(new TorchSettings { Precision = FloatType.Bfloat16 });
        using var exact = Open(new TorchSettings());

        var ours = await rounded.TrainAsync(TorchSamples.Work(1), default);
        var theirs = await exact.TrainAsync(TorchSamples.Work(1), default);

        Assert.NotEqual(theirs.Losses, ours.Losses);
        Assert.All(ours.Losses.Zip(theirs.Losses), pair =>
            Assert.InRange(pair.First.CrossEntropy / pair.Second.CrossEntropy, 1 - 3e-2, 1 + 3e-2));
    }

    [Fact]
    public void Products_Bfloat16_RoundBothFactorsAndTheResult()
    {
        TorchPresence.Require();
        Assert.SkipUnless(Avx512BW.IsSupported, "Without AVX-512 libtorch 1.13 adds in bfloat16, too.");
        using var scope = NewDisposeScope();
        float[] left = new float[16 * 512], right = new float[16 * 512];
        TinyModel.Fill(left, seed: 1, 1);
        TinyModel.Fill(right, seed: 2, 1);
        var matrix = new FrozenMatrix(tensor(right, [16, 512]).to(ScalarType.BFloat16));

        var product = matrix.MultiplyTransposed(tensor(left, [16, 512]));

        Assert.Equal(ScalarType.Float32, product.dtype);
        var values = product.data<float>().ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            var row = left.AsSpan((i / 16) * 512, 512);
            var column = right.AsSpan((i % 16) * 512, 512);
            var exact = 0.0;
            for (var k = 0; k < row.Length; k++)
            {
                exact += (double)Rounded(row[k]) * Rounded(column[k]);
            }

            Assert.Equal(exact, values[i], (Math.Abs(exact) * Rounding) + 1e-5);
        }
    }

    [Fact]
    public void Products_Bfloat16_KeepTheBiasInFloat32()
    {
        TorchPresence.Require();
        using var scope = NewDisposeScope();
        var matrix = new FrozenMatrix(ones([2, 1]).to(ScalarType.BFloat16));

        var sum = matrix.MultiplyAdd(ones([1, 2]), tensor([1 / 1024f], [1]));

        Assert.Equal(2 + (1 / 1024f), sum.item<float>());
    }

    [Fact]
    public async Task Dispose_AfterWorkInBfloat16_LeavesNoTensorAlive()
    {
        TorchPresence.Require();
        var before = Tensor.TotalCount;
        using (var trainer = Open(new TorchSettings { Precision = FloatType.Bfloat16, Compared = _ => { } }))
        {
            await trainer.TrainAsync(TorchSamples.Work(1), default);
            await trainer.MeasureAsync(new(TorchSamples.User(1), [TorchSamples.Tokens(1, 8)]), default);
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static TorchTrainer Open(TorchSettings settings)
    {
        TorchPresence.Require();
        return TorchTrainer.Open(TinyModel.Random(TorchSamples.Model, seed: 5), settings with { Threads = 1 });
    }

    private static float Rounded(float value)
    {
        var (bits, half) = (BitConverter.SingleToUInt32Bits(value), 0x7FFFu);
        return BitConverter.UInt32BitsToSingle((bits + half + ((bits >> 16) & 1)) & 0xFFFF0000);
    }
}
