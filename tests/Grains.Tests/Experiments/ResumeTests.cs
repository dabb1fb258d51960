using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Hosting;

namespace CoMiGS.Grains.Tests.Experiments;

public sealed class ResumeTests
{
    private const int NoSpace = 28;

    [Fact]
    public async Task Resume_RunThatWasNeverStarted_StartsIt()
    {
        using var run = new TestRun();
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());

        var resumed = await ResumeAsync(cluster, run);

        Assert.Equal((0, 0), (resumed.Rounds, resumed.Remarks.Length));
        Assert.Equal(3, (await cluster.Experiment.GetResultAsync(CancellationToken.None)).Rounds);
    }

    [Fact]
    public async Task Resume_FinishedRun_TrainsNothingAgain()
    {
        using var run = new TestRun();
        await using (var first = await TestCluster.StartAsync(run, new FakeTrainer()))
        {
            await first.RunAsync();
        }

        var trainer = new FakeTrainer();
        await using var cluster = await TestCluster.StartAsync(run, trainer);
        var resumed = await ResumeAsync(cluster, run);
        await cluster.Experiment.GetResultAsync(CancellationToken.None);

        Assert.Equal((3, 0), (resumed.Rounds, resumed.Remarks.Length));
        Assert.Empty(trainer.Orders);
    }

    [Fact]
    public async Task Resume_OtherSpec_IsRefused()
    {
        using var run = new TestRun();
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        await cluster.RunAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => cluster.Experiment.ResumeAsync(run.Spec with { Seed = 8 }, CancellationToken.None));
    }

    [Fact]
    public async Task Resume_StoppedRun_EndsWithTheSameBytes()
    {
        var expected = await UndisturbedAsync();
        using var run = new TestRun();
        var (trainer, entered) = (new FakeTrainer(), new TaskCompletionSource());
        trainer.OnTrain = (user, stop) =>
        {
            if (trainer.CountOf(user) == 0)
            {
                return Task.CompletedTask;
            }

            entered.TrySetResult();
            return Task.Delay(Timeout.Infinite, stop);
        };
        await using var cluster = await TestCluster.StartAsync(run, trainer);
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);
        await entered.Task;
        await cluster.Experiment.StopAsync();
        trainer.OnTrain = null;

        var resumed = await ResumeAsync(cluster, run);
        await cluster.Experiment.GetResultAsync(CancellationToken.None);

        Assert.Equal(1, resumed.Rounds);
        Assert.Equal(expected, await cluster.ExportAsync());
    }

    [Theory]
    [InlineData("run/users/u1/1.blob", 1)]
    [InlineData("run/reports/1.blob", 1)]
    [InlineData("run/manifests/2.blob", 1)]
    [InlineData("run/progress.json", 2)]
    [InlineData("run/spec.json", 2)]
    public async Task Resume_DamagedFile_IsNamedAndTheNewestWholeManifestUsed(string file, int rounds)
    {
        var expected = await UndisturbedAsync();
        using var run = new TestRun();
        await FailInRoundTwoAsync(run);
        var path = Path.Combine(run.StateFolder, file);
        Damage(path);

        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        var resumed = await ResumeAsync(cluster, run);
        await cluster.Experiment.GetResultAsync(CancellationToken.None);

        Assert.Equal(rounds, resumed.Rounds);
        Assert.StartsWith($"{path} is damaged", Assert.Single(resumed.Remarks), StringComparison.Ordinal);
        Assert.Equal(expected, await cluster.ExportAsync());
    }

    [Fact]
    public async Task Resume_FinishedRunWhoseSpecIsDamaged_WritesItAnew()
    {
        using var run = new TestRun();
        await using (var first = await TestCluster.StartAsync(run, new FakeTrainer()))
        {
            await first.RunAsync();
        }

        Damage(Path.Combine(run.StateFolder, "run", "spec.json"));
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        Assert.Equal(run.Spec.Rounds, (await ResumeAsync(cluster, run)).Rounds);
        await cluster.ExportAsync();
    }

    [Fact]
    public async Task Resume_MissingGeneralists_AreNamedAndTheManifestBeforeUsed()
    {
        var expected = await UndisturbedAsync();
        using var run = new TestRun();
        await FailInRoundTwoAsync(run);
        var folder = Path.Combine(run.StateFolder, "run", "generalists");
        var newest = new DirectoryInfo(folder).GetFiles().MaxBy(file => file.LastWriteTimeUtc)!;
        newest.Delete();

        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        var resumed = await ResumeAsync(cluster, run);
        await cluster.Experiment.GetResultAsync(CancellationToken.None);

        Assert.Equal(1, resumed.Rounds);
        Assert.Equal([$"{newest.FullName} is missing."], resumed.Remarks);
        Assert.Equal(expected, await cluster.ExportAsync());
    }

    [Fact]
    public async Task Resume_NoManifestIsWhole_IsRefusedNamingTheFilesAndDeletesNothing()
    {
        using var run = new TestRun();
        await FailInRoundTwoAsync(run);
        Damage(Path.Combine(run.StateFolder, "run/users/u1/0.blob"));
        Damage(Path.Combine(run.StateFolder, "run/users/u2/1.blob"));
        var before = FilesOf(run);

        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        var refused = await Assert.ThrowsAsync<RunDamagedException>(() => ResumeAsync(cluster, run));

        Assert.Contains("u1/0.blob is damaged", refused.Message, StringComparison.Ordinal);
        Assert.Contains("u2/1.blob is damaged", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, FilesOf(run));
    }

    [Fact]
    public async Task Run_ProcessEndedAndABlobIsDamaged_GoesBackWithoutBeingAsked()
    {
        var expected = await UndisturbedAsync();
        using var run = new TestRun();
        var (trainer, entered) = (new FakeTrainer(), new TaskCompletionSource());
        trainer.OnTrain = (user, stop) =>
        {
            if (trainer.CountOf(user) < 2)
            {
                return Task.CompletedTask;
            }

            entered.TrySetResult();
            return Task.Delay(Timeout.Infinite, stop);
        };
        await using (var first = await TestCluster.StartAsync(run, trainer))
        {
            await first.Experiment.StartAsync(run.Spec, CancellationToken.None);
            await entered.Task;
        }

        Damage(Path.Combine(run.StateFolder, "run/users/u3/1.blob"));
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        await cluster.Experiment.GetResultAsync(CancellationToken.None);

        Assert.Equal(expected, await cluster.ExportAsync());
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public async Task Round_DamagedUser_FailsAloneOrWithTheQuorum(double quorum)
    {
        using var run = new TestRun();
        run.Spec = run.Spec with { Round = new() { Quorum = quorum }, Evaluation = new() { Every = 0 } };
        var path = Path.Combine(run.StateFolder, "run/users/u1/1.blob");
        var calls = new CallLog
        {
            Before = call =>
            {
                if (call.Request.GetMethodName() == nameof(IUserGrain.TrainAsync)
                    && call.Request.GetArgument(0) is RoundTicket { Round: 2 } && $"{call.TargetId.Key}" == "run/u1")
                {
                    Damage(path);
                }
            },
        };
        await using var cluster = await TestCluster.StartAsync(
            run, new FakeTrainer(), configure: silo => silo.Services.AddSingleton<IIncomingGrainCallFilter>(calls));

        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);
        var failed = await Assert.ThrowsAsync<ExperimentFailedException>(
            () => cluster.Experiment.GetResultAsync(CancellationToken.None));

        // At the end nobody can measure it; until then the others went on if the quorum allowed.
        Assert.Contains($"{path} is damaged", failed.Message, StringComparison.Ordinal);
        Assert.Equal(quorum < 1 ? 3 : 2, (await cluster.Experiment.GetStatusAsync()).NextRound);
        if (quorum == 1)
        {
            calls.Before = _ => { };
            Assert.Equal(1, (await ResumeAsync(cluster, run)).Rounds);
            Assert.Equal(3, (await cluster.Experiment.GetResultAsync(CancellationToken.None)).Rounds);
        }
    }

    [Theory]
    [InlineData("run/users/u2/1")]
    [InlineData("run/generalists/")]
    [InlineData("run/reports/1")]
    [InlineData("run/manifests/2")]
    [InlineData("run/progress.json")]
    public async Task Run_DiskFull_EndsWithThatSentenceAndGoesOnOnceThereIsRoom(string where)
    {
        var expected = await UndisturbedAsync();
        using var run = new TestRun();
        var disk = new Disk();
        disk.BeforeWrite = name =>
        {
            if (name.StartsWith(where, StringComparison.Ordinal) && disk.Names.Contains("run/reports/0"))
            {
                throw new IOException($"{name} cannot be written: no space left on device.", NoSpace);
            }
        };
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer(), configure: silo =>
        {
            silo.Services.AddSingleton<IBlobStore>(disk);
            silo.Services.AddGrainStorage(StorageNames.Files, (_, _) => disk);
        });

        var full = await Assert.ThrowsAsync<ExperimentFailedException>(cluster.RunAsync);

        Assert.StartsWith(where, full.Message, StringComparison.Ordinal);
        Assert.EndsWith("cannot be written: no space left on device.", full.Message, StringComparison.Ordinal);
        disk.BeforeWrite = _ => { };
        await ResumeAsync(cluster, run);
        await cluster.Experiment.GetResultAsync(CancellationToken.None);
        Assert.Equal(expected, await cluster.ExportAsync());
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(4, 5)]
    public async Task Commit_KeepsWhatKeptManifestsNameAndNoMore(int keep, int states)
    {
        using var run = new TestRun();
        run.Spec = run.Spec with { Rounds = 6, Checkpoints = new() { Keep = keep } };
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());

        await cluster.RunAsync();

        // The last round's own state, and those of the manifests that were kept while it was trained.
        Assert.Equal(Enumerable.Range(6 - states, states), NumbersIn(run, "users/u0"));
        Assert.Equal(Enumerable.Range(7 - keep, keep), NumbersIn(run, "manifests"));
        Assert.Equal(keep, Directory.GetFiles(Path.Combine(run.StateFolder, "run/generalists")).Length);
    }

    private static IEnumerable<int> NumbersIn(TestRun run, string folder) =>
        Directory.GetFiles(Path.Combine(run.StateFolder, "run", folder), "*.blob")
            .Select(file => int.Parse(Path.GetFileNameWithoutExtension(file))).Order();

    private static async Task<IReadOnlyList<byte[]>> UndisturbedAsync()
    {
        using var run = new TestRun();
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        await cluster.RunAsync();
        return await cluster.ExportAsync();
    }

    /// <summary>Two rounds are committed; the third fails, because a user does.</summary>
    private static async Task FailInRoundTwoAsync(TestRun run)
    {
        var trainer = new FakeTrainer();
        trainer.OnTrain = (user, _) => user == 3 && trainer.CountOf(user) == 2
            ? throw new UserFailedException("its battery is empty")
            : Task.CompletedTask;
        await using var cluster = await TestCluster.StartAsync(run, trainer);
        var failed = await Assert.ThrowsAsync<ExperimentFailedException>(cluster.RunAsync);
        Assert.Contains("its battery is empty", failed.Message, StringComparison.Ordinal);
    }

    private static Task<ResumedRun> ResumeAsync(TestCluster cluster, TestRun run) =>
        cluster.Experiment.ResumeAsync(run.Spec, CancellationToken.None);

    private static string[] FilesOf(TestRun run) =>
        [.. Directory.GetFiles(run.StateFolder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>Turns over one bit in the middle.</summary>
    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(path, bytes);
    }
}
