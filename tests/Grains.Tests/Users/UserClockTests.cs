using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Grains.Users;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Users;
using Microsoft.Extensions.DependencyInjection;

namespace CoMiGS.Grains.Tests.Users;

public sealed class UserClockTests
{
    [Fact]
    public void Stamp_AfterEveryPhase_TellsThemApartAndTheyAddUp()
    {
        var time = new ManualTime();
        var clock = new UserClock(time);
        foreach (var (phase, seconds) in new (UserPhase, double)[]
        {
            (UserPhase.Queue, 1), (UserPhase.Load, 2), (UserPhase.Queue, 4), (UserPhase.Train, 8),
            (UserPhase.Router, 16), (UserPhase.Train, 32), (UserPhase.Save, 64), (UserPhase.Upload, 128),
        })
        {
            clock.Enter(phase);
            time.Advance(TimeSpan.FromSeconds(seconds));
        }

        var receipt = clock.Stamp(Receipt);

        Assert.Equal(new(Queue: 5, Load: 2, Train: 40, Router: 16, Save: 64, Upload: 128), receipt.Phases);
        Assert.Equal(255, receipt.ElapsedSeconds);
    }

    [Fact]
    public void Enter_ThePhaseItIsIn_ChangesNothing()
    {
        var time = new ManualTime();
        var clock = new UserClock(time);
        clock.Enter(UserPhase.Train);
        time.Advance(TimeSpan.FromSeconds(1));
        clock.Enter(UserPhase.Train);
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(3, clock.Stamp(Receipt).Phases.Train);
    }

    /// <summary>The clock moves by 3 s while the user trains, 5 s while its parameters are written and 7 s on their way
    /// to the sum, and nowhere else.</summary>
    [Fact]
    public async Task Report_UserOfAStandingClock_HasItsPhasesAndTheirSum()
    {
        using var run = new TestRun(users: 1);
        run.Spec = run.Spec with { Rounds = 1 };
        var (time, blobs, calls) = (new ManualTime(), new CrashingBlobs(), new CallLog());
        var trainer = new FakeTrainer
        {
            OnTrain = (_, _) =>
            {
                time.Advance(TimeSpan.FromSeconds(3));
                return Task.CompletedTask;
            },
        };
        blobs.BeforeWrite = name =>
            time.Advance(TimeSpan.FromSeconds(name.Contains("/users/", StringComparison.Ordinal) ? 5 : 0));
        calls.Before = call => time.Advance(
            TimeSpan.FromSeconds(call.Request.GetMethodName() == nameof(IPartialSumGrain.AddAsync) ? 7 : 0));
        await using var cluster = await TestCluster.StartAsync(run, trainer, time: time, configure: silo =>
        {
            silo.Services.AddSingleton<IBlobStore>(blobs);
            silo.Services.AddSingleton<IIncomingGrainCallFilter>(calls);
        });
        await cluster.RunAsync();

        await using var reports = cluster.Experiment.WatchAsync(0, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await reports.MoveNextAsync());
        var receipt = Assert.Single(reports.Current.Receipts);

        Assert.Equal(new(Queue: 0, Load: 0, Train: 3, Router: 0, Save: 5, Upload: 7), receipt.Phases);
        Assert.Equal(15, receipt.ElapsedSeconds);
    }

    private static UserReceipt Receipt { get; } = new()
    {
        User = "u0",
        Round = 0,
        Attempt = 0,
        Silo = "",
        TrainLoss = default,
        RouterLoss = default,
        Tokens = 1,
        BytesSent = 0,
        ElapsedSeconds = 0,
    };
}
