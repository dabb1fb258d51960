using CoMiGS.Learning.Data;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;
using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Learning.Tests.Data;

public sealed class BaseModelTests
{
    /// <param name="folder">Of the base model.</param>
    /// <param name="goldenLossNats">Mean of the first two windows of the English test shard, from golden_base.py beside
    /// this file.</param>
    [Theory]
    [InlineData("data/base", 3.6335905)]
    [InlineData("data/base-large", 3.7718016)]
    public async Task Measure_EnglishText_GivesTheLossOfAnIndependentForwardPass(string folder, double goldenLossNats)
    {
        var checkpoint = BaseCheckpointReader.ReadFolder(RepositoryFiles.At(folder));
        var shape = checkpoint.Shape;
        var stream = TokenStream.Open(RepositoryFiles.At($"{folder}/test.bin"), shape.VocabularySize);
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

        Assert.Equal(goldenLossNats, measured.LossSum / measured.Tokens, 1e-5);
    }
}
