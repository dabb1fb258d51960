using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Replay;
using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Learning.Tests.Replay;

/// <summary>The recordings come from the authors' code (see tests/fixtures/README.md); tolerances are those of the
/// replayer itself, which `./comigs replay` prints and obeys.</summary>
public class ReplayTests
{
    public static TheoryData<string, SimdLevel> RecordingsAtEveryLevel()
    {
        var data = new TheoryData<string, SimdLevel>();
        foreach (var recording in Fixtures.Recordings)
        {
            foreach (var level in Enum.GetValues<SimdLevel>().Where(level => level <= SimdLevels.Best))
            {
                data.Add(recording, level);
            }
        }

        return data;
    }

    [Theory, MemberData(nameof(RecordingsAtEveryLevel))]
    public async Task Recording_ReplayedOnTheCpu_MatchesEveryNumber(string recording, SimdLevel level)
    {
        using var models = new Owned();
        var report = await Replayer.RunAsync(
            Fixtures.Folder(recording),
            checkpoint => new CpuTrainer(models.Add(PackedModel.Pack(checkpoint, level)), 2), default);

        Assert.All(report.Differences, difference =>
        {
            Assert.True(difference.TensorCount > 0, $"{difference.Kind}: nothing was compared");
            Assert.True(
                difference.IsWithinTolerance,
                $"{difference.Kind}: {difference.Largest:E1} in {difference.Tensor}, "
            + $"tolerance {difference.Tolerance:E1}");
        });
    }

    [Fact]
    public void Recordings_AreThere() => Assert.True(Fixtures.Recordings.Count() >= 5);

    private sealed class Owned : IDisposable
    {
        private readonly List<IDisposable> things = [];

        public T Add<T>(T thing)
            where T : IDisposable
        {
            things.Add(thing);
            return thing;
        }

        public void Dispose() => things.ForEach(thing => thing.Dispose());
    }
}
