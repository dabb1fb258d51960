using CoMiGS.Grains.Experiments;
using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Data;

namespace CoMiGS.Grains.Tests.Rounds;

public sealed class CohortsTests
{
    private const int Morning = 0b111 << 6;   // 6 to 9

    [Theory]
    [InlineData(Sampling.Uniform)]
    [InlineData(Sampling.Size)]
    [InlineData(Sampling.Availability)]
    public void Choose_SameSeedAndRound_IsTheSameCohort(Sampling sampling)
    {
        using var run = RunOf(20, sampling, cohort: 5);
        var cohorts = Enumerable.Range(0, 10).Select(round => Choose(run.Spec, round).Users).ToList();

        Assert.Equal(cohorts, Enumerable.Range(0, 10).Select(round => Choose(run.Spec, round).Users));
        Assert.All(cohorts, cohort => Assert.Equal(5, cohort.Count));
        Assert.True(cohorts.Select(cohort => string.Join(' ', cohort)).Distinct().Count() > 5);
        Assert.NotEqual(
            cohorts, Enumerable.Range(0, 10).Select(round => Choose(run.Spec with { Seed = 8 }, round).Users));
    }

    [Fact]
    public void Round_OfMoreUsersThanAMeanHolds_IsRefusedBeforeItBegins()
    {
        using var run = new TestRun();
        var many = run.Spec with
        {
            Users = [.. Enumerable.Range(0, 70_000).Select(user => run.Spec.Users[0] with { Id = $"u{user:00000}" })],
        };
        Assert.Equal(
            ["round.cohort lets 70000 users take part in a round, but a mean is over at most 65536."],
            SpecCheck.Problems(many));
        Assert.Empty(SpecCheck.Problems(many with { Round = new() { Cohort = 65_536 } }));
        Assert.Empty(SpecCheck.Problems(many with { Method = "local" }));
    }

    [Fact]
    public void Choose_BySize_PrefersTheLarge()
    {
        using var run = RunOf(10, Sampling.Size, cohort: 1);
        run.Spec = run.Spec with
        {
            Users = [.. run.Spec.Users.Select((user, i) => user with { SamplingWeight = i == 4 ? 9 : 1 })],
        };

        var large = Enumerable.Range(0, 1000).Count(round => Choose(run.Spec, round).Users is [4]);

        Assert.InRange(large, 440, 560);   // half of all
    }

    [Fact]
    public void Choose_UsersWhoDoNotTrain_AreNotDrawn()
    {
        using var run = RunOf(4, Sampling.Availability, cohort: 0);
        run.Spec = run.Spec with
        {
            Users = [.. run.Spec.Users.Select((user, index) => user with { Trains = index != 1 })],
        };

        Assert.Equal([0, 2, 3], Choose(run.Spec, 0).Users);
    }

    [Fact]
    public void Choose_FewerAvailableThanWanted_TakesThemAll()
    {
        using var run = RunOf(6, Sampling.Availability, cohort: 4, index => index < 2 ? 1 : 0);

        var cohort = Choose(run.Spec, 0);

        Assert.Equal([0, 1], cohort.Users);
        Assert.Equal(0, cohort.WaitedSeconds);
    }

    [Theory]
    [InlineData(0, 6 * 3600)]                   // a run begins at midnight
    [InlineData(5.5 * 3600, 0.5 * 3600)]
    [InlineData(8 * 3600, 0)]
    [InlineData((9 * 3600) + 60, (21 * 3600) - 60)]   // until tomorrow's
    [InlineData((24 + 7) * 3600, 0)]
    public void Choose_NobodyAvailable_WaitsForTheFirstHourInWhichSomebodyIs(double now, double waited)
    {
        using var run = RunOf(3, Sampling.Availability, cohort: 0);
        run.Spec = run.Spec with
        {
            Users =
            [
                .. run.Spec.Users.Select((user, index) => user with
                {
                    Device = user.Device! with
                    {
                        Hours = index == 1 ? Morning : DeviceSpec.AllHours,
                        Availability = index == 1 ? 1 : 0,
                    },
                }),
            ],
        };

        var cohort = Choose(run.Spec, 3, now);

        Assert.Equal([1], cohort.Users);
        Assert.Equal(waited, cohort.WaitedSeconds);
    }

    [Fact]
    public void Choose_NobodyIsEverAvailable_FailsAndSaysSo()
    {
        using var run = RunOf(3, Sampling.Availability, cohort: 0, _ => 0);

        var failed = Assert.Throws<RoundFailedException>(() => Choose(run.Spec, 2));

        Assert.Equal(
            "Round 3: of 3 users' devices none is available for 7 days of simulated time.", failed.Message);
        Assert.Equal(["u0", "u1", "u2"], failed.Missing);
    }

    [Fact]
    public void Availability_IsDrawnForEveryRoundUserAndHour_AsOftenAsItsProbabilitySays()
    {
        var device = Devices.Fast with { Availability = 0.3 };
        var available = 0;
        for (var round = 0; round < 100; round++)
        {
            for (var user = 0; user < 100; user++)
            {
                var key = Randomness.Key($"u{user}");
                var has = Availability.Has(device, key, seed: 5, round, hour: round % 30);
                Assert.Equal(has, Availability.Has(device, key, seed: 5, round, hour: round % 30));
                available += has ? 1 : 0;
            }
        }

        Assert.InRange(available, 2800, 3200);   // four standard deviations are 183
        bool[] hours = [.. Enumerable.Range(0, 64).Select(hour => Availability.Has(device, 1, 5, 0, hour))];
        bool[] rounds = [.. Enumerable.Range(0, 64).Select(round => Availability.Has(device, 1, 5, round, 0))];
        Assert.Contains(true, hours);
        Assert.NotEqual(hours, rounds);
    }

    [Fact]
    public void Availability_OutsideItsHours_IsNone()
    {
        var device = Devices.Fast with { Hours = Morning };
        Assert.Equal(
            [6, 7, 8, 30, 31, 32],
            Enumerable.Range(0, 48).Where(hour => Availability.Has(device, 1, seed: 5, round: 0, hour)));
    }

    private static TestRun RunOf(int users, Sampling sampling, int cohort, Func<int, double>? availability = null)
    {
        var run = new TestRun(users);
        run.Spec = Devices.On(run.Spec, index => Devices.Fast with { Availability = availability?.Invoke(index) ?? 1 })
            with { Round = new() { Cohort = cohort, Sampling = sampling } };
        return run;
    }

    private static Cohort Choose(RunSpec spec, int round, double now = 0) =>
        new Cohorts(spec).Choose(RunProgress.Start(spec) with { NextRound = round, SimulatedSeconds = now });
}
