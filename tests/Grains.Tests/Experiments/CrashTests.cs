using CoMiGS.Grains.Experiments;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Hosting;

namespace CoMiGS.Grains.Tests.Experiments;

public sealed class CrashTests
{
    /// <summary>Every point between two changes of what is stored, one at a time: the process dies there, another one
    /// resumes, and in the end has the bytes of the run that was left in peace.</summary>
    [Fact]
    public async Task Resume_DeathBeforeOrAfterAnyChange_EndsWithTheSameBytes()
    {
        using var run = NewRun();
        var peace = new Disk();
        await using (var cluster = await StartAsync(run, peace))
        {
            await cluster.RunAsync();
        }

        var expected = await LearnedAsync(run, peace);
        Assert.True(peace.Changes > 20, $"{peace.Changes} changes are too few to mean much.");
        for (var change = 1; change <= peace.Changes; change++)
        {
            foreach (var after in new[] { false, true })
            {
                var disk = new Disk();
                disk.CutAt(change, after);
                await DieAsync(run, disk);
                disk.Mend();
                await using var cluster = await StartAsync(run, disk);
                await cluster.Experiment.ResumeAsync(run.Spec, CancellationToken.None);
                await cluster.Experiment.GetResultAsync(CancellationToken.None);
                Assert.True(
                    expected == await LearnedAsync(run, disk), $"Change {change}, {(after ? "after" : "before")} it.");
            }
        }
    }

    /// <summary>Cohorts of two of three users, so that states of several ages are kept.</summary>
    private static TestRun NewRun()
    {
        var run = new TestRun(users: 3);
        run.Spec = run.Spec with { Round = new() { Cohort = 2 }, Evaluation = new() { Every = 0 } };
        return run;
    }

    private static async Task DieAsync(TestRun run, Disk disk)
    {
        await using var cluster = await StartAsync(run, disk);
        try
        {
            await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);
        }
        catch (IOException)
        {
            return;   // it did not even begin
        }

        await disk.IsCut;
    }

    private static Task<TestCluster> StartAsync(TestRun run, Disk disk) => TestCluster.StartAsync(
        run, new FakeTrainer(), configure: silo =>
        {
            silo.Services.AddSingleton<IBlobStore>(disk);
            silo.Services.AddGrainStorage(StorageNames.Files, (_, _) => disk);
        });

    /// <summary>What the last committed round left, and what the reports say but for seconds and places.</summary>
    private static async Task<string> LearnedAsync(TestRun run, Disk disk)
    {
        var hashes = await new SavedRuns(disk, disk).HashesAsync(run.Spec, CancellationToken.None);
        var archive = new RunArchive(disk, disk);
        var lines = hashes.Select(state => $"{state.Hash} {state.Name}").ToList();
        for (var round = 0; round < run.Spec.Rounds; round++)
        {
            var report = await archive.ReadReportAsync("run", round, CancellationToken.None);
            lines.AddRange(report.Receipts.Select(
                receipt => $"{round} {receipt.User} {receipt.TrainLoss} {receipt.BytesSent} {report.Generalist}"));
        }

        return string.Join('\n', lines);
    }
}
