using CoMiGS.Learning.Replay;
using CoMiGS.Learning.Torch;

namespace CoMiGS.Learning.Tests.Torch;

/// <summary>The same recordings as on the CPU, through libtorch, users of equal shape in one stack.</summary>
[Collection(nameof(TorchPresence))]
public class TorchReplayTests
{
    public static TheoryData<string> Recordings() => [.. Fixtures.Recordings];

    [Theory, MemberData(nameof(Recordings))]
    public async Task Recording_ReplayedThroughLibtorch_MatchesEveryNumber(string recording)
    {
        TorchPresence.Require();
        var report = await Replayer.RunAsync(
            Fixtures.Folder(recording),
            checkpoint => TorchTrainer.Open(checkpoint, new TorchSettings { Threads = 1 }), default);

        Assert.All(report.Differences, difference => Assert.True(
            difference.IsWithinTolerance && difference.TensorCount > 0,
            $"{difference.Kind}: {difference.Largest:E1} in {difference.Tensor}, tolerance {difference.Tolerance:E1}"));
    }
}
