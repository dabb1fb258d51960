using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Kernels.Measurement;

namespace CoMiGS.Learning.Tests.Kernels;

public class StepMeasurementTests
{
    [Theory, InlineData(2), InlineData(1)]
    public void Run_OfARoutedUser_SaysWhereAllOfTheTimeWent(int topK)
    {
        using var model = PackedModel.Pack(RandomCheckpoint.Create(new(2, 2, 16, 40, 12), seed: 1));

        var step = StepMeasurement.Run(model, new(2, 4, 4, 16, topK, true), 12, sequences: 3, TimeSpan.Zero);

        Assert.Equal(Enum.GetValues<StepPart>(), step.Parts.Select(part => part.Part));
        Assert.All(step.Parts, part => Assert.InRange(part.Share, double.Epsilon, 1));
        Assert.Equal(1, step.Parts.Sum(part => part.Share), 9);
        Assert.True(step.TokensPerSecond > 0);
    }
}
