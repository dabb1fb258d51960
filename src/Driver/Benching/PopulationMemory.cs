using CoMiGS.Learning.Data;
using CoMiGS.Results;

namespace CoMiGS.Driver.Benching;

/// <summary>The most memory a run of the demo's base has resident, by how many users it has: the cohort of a round
/// stays the same, so what grows is what an idle user costs. A process a population, so that peaks do not
/// mix.</summary>
internal sealed class PopulationMemory(BenchSizes sizes) : IBenchPart
{
    private const int Rounds = 3, Tokens = 128;

    public string Name => "memory";

    public double EstimateSeconds => sizes.Populations.Sum(users => 4 + (0.003 * users));

    public async Task MeasureAsync(Action<BenchFigure> report, CancellationToken stop)
    {
        foreach (var users in sizes.Populations)
        {
            using var folder = new TemporaryFolder();
            WriteRun(folder, users);
            var run = await WatchedRun.UntilRoundAsync(Rounds, folder.At("run.yaml"), folder.At("out"), stop);
            report(new(
                Name, "peakMemory", $"peak memory, {Figures.Plural(users, "user")}, {sizes.Cohort} a round",
                Readings.Of(run.PeakBytes / 1e6), "MB", "", new { users, sizes.Cohort, run.PeakBytes }));
        }
    }

    private void WriteRun(TemporaryFolder folder, int users)
    {
        var text = Directory.CreateDirectory(folder.At("data/u")).FullName;
        foreach (var split in new[] { "train", "valid", "test" })
        {
            TokenStream.Write(Path.Combine(text, $"{split}.bin"), Enumerable.Range(0, Tokens).ToArray());
        }

        File.WriteAllText(folder.At("run.yaml"), $$"""
            name: memory
            rounds: 1000
            base: {{ProgramFiles.At("data/base")}}
            data: { folder: data }
            users: [{ id: u, count: {{users}}, share: 1 }]
            training: { localSteps: 1, microBatch: 4, sequenceLength: 32 }
            evaluation: { every: 0 }
            round: { cohort: {{sizes.Cohort}} }
            """);
    }
}
