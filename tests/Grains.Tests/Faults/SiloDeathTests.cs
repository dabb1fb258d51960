using CoMiGS.Grains.Tests.Support;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Grains.Tests.Faults;

public sealed class SiloDeathTests
{
    /// <summary>Of a run, on a busy machine.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private const int DeathCount = 30;

    [Fact]
    public async Task Run_ASiloDiesInEveryRound_EndsWithTheBytesOfOneInWhichNoneDid()
    {
        var odd = Enumerable.Range(1, DeathCount).Where(round => round % 2 == 1).ToArray();
        using var honest = Run(DeathCount);
        using var run = Run(
            DeathCount,
            new() { Kind = FaultKind.KillSilo, Silo = 2, Rounds = [.. odd] },
            new() { Kind = FaultKind.KillSilo, Silo = 3, Rounds = [.. odd.Select(round => round + 1)] });

        var (expected, bytes) = await ReportsAsync(honest, silos: 1);
        var (reports, others) = await ReportsAsync(run, silos: 3);

        Assert.Equal(
            DeathCount, reports.Count(report => report.Faults.Any(fault => fault.Kind == FaultKind.KillSilo)));
        Assert.All(reports, report => Assert.Empty(report.Missing));
        Assert.Equal(expected.Select(report => report.Generalist), reports.Select(report => report.Generalist));
        Assert.Equal(bytes, others);
    }

    [Fact]
    public async Task Run_WithDropoutsAndALowQuorum_IsTheSameWhoeverDies()
    {
        FaultRule[] faults =
        [
            new() { Kind = FaultKind.DropDuring, Probability = 0.2 },
            new() { Kind = FaultKind.LoseUpload, Probability = 0.2 },
            new() { Kind = FaultKind.Crash, Probability = 0.2 },
        ];
        using var honest = Run(10, faults);
        using var run = Run(
            10,
            [
                .. faults, new() { Kind = FaultKind.KillSilo, Silo = 2, Rounds = [2, 4, 6, 8] },
                new() { Kind = FaultKind.KillSilo, Silo = 3, Rounds = [3, 5, 7, 9] },
            ]);
        foreach (var one in new[] { honest, run })
        {
            one.Spec = one.Spec with { Round = new() { Quorum = 0.1 } };
        }

        var (expected, bytes) = await ReportsAsync(honest, silos: 1);
        var (reports, others) = await ReportsAsync(run, silos: 3);

        Assert.Contains(expected, report => report.Missing.Length > 0);
        Assert.Equal(expected.Select(report => report.Missing), reports.Select(report => report.Missing));
        Assert.Equal(expected.Select(report => report.Generalist), reports.Select(report => report.Generalist));
        Assert.Equal(bytes, others);
    }

    [Fact]
    public async Task Run_WhosePlanKillsASiloThatIsNotThere_FailsInOneSentence()
    {
        using var run = Run(3, new FaultRule { Kind = FaultKind.KillSilo, Silo = 4, Rounds = [2] });

        var failed = await Assert.ThrowsAsync<ExperimentFailedException>(() => ReportsAsync(run, silos: 3));

        Assert.Equal("The fault plan kills silo 4, but there are 3: --silos N.", failed.Message);
    }

    private static TestRun Run(int rounds, params FaultRule[] rules)
    {
        var run = new TestRun(users: 9);
        run.Spec = run.Spec with { Rounds = rounds, Faults = [.. rules], Evaluation = new() { Every = 0 } };
        return run;
    }

    private static async Task<(IReadOnlyList<RoundReport> Reports, IReadOnlyList<byte[]> Adapters)> ReportsAsync(
        TestRun run, int silos)
    {
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer(), silos);
        using var late = new CancellationTokenSource(Limit);
        await LostCalls.AgainAsync(
            cluster.RunAsync, failed => failed is ExperimentFailedException, TimeProvider.System, late.Token);
        return (
            await cluster.Experiment.WatchAsync(0, CancellationToken.None).ToListAsync(), await cluster.ExportAsync());
    }
}
