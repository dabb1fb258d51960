using CoMiGS.Learning.Data;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;
using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Learning.Tests.Data;

public sealed class BaseModelTests
{
    /// <summary>Mean loss in nats of the first two windows of the English test shard, from golden_base.py beside this
    /// file.</summary>
    private const double GoldenLossNats = 3.6335905;

    [Fact]
    public async Task Measure_EnglishText_GivesTheLossOfAnIndependentForwardPass()
    {
        var checkpoint = BaseCheckpointReader.ReadFolder(RepositoryFiles.At("data/base"));
        var shape = checkpoint.Shape;
        var stream = TokenStream.Open(RepositoryFiles.At("data/base/test.bin"), shape.VocabularySize);
        var windows = new int[2][];
        for (var i = 0; i < windows.Length; i++)
        {
            windows[i] = new int[shape.PositionCount + 1];
            stream.CopyTo((long)i * shape.PositionCount, windows[i]);
        }

        using var model = PackedModel.Pack(checkpoint);
        using var trainer = new CpuTrainer(model, threads: 1);
        var layout = ParameterLayout.Of(shape, new(1, 8, 8, 16, 2, false));
        var untrained = UserModel.Start(layout.Adapters, new float[layout.Length]);
        var measured = await trainer.MeasureAsync(new(untrained, windows), CancellationToken.None);

        Assert.Equal(GoldenLossNats, measured.LossSum / measured.Tokens, 1e-5);
    }
}
