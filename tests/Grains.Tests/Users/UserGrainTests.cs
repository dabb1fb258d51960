using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Rounds;
using Microsoft.Extensions.DependencyInjection;

namespace CoMiGS.Grains.Tests.Users;

public sealed class UserGrainTests
{
    [Fact]
    public async Task Train_SameTicketTwice_TrainsOnceAndAnswersTheSame()
    {
        using var run = new TestRun();
        var trainer = new FakeTrainer();
        await using var cluster = await StoppedAfterRoundZeroAsync(run, trainer, new CrashingBlobs());
        var ticket = await NextTicketAsync(cluster, "u1");

        var first = await cluster.User("u1").TrainAsync(ticket, CancellationToken.None);
        var second = await cluster.User("u1").TrainAsync(ticket, CancellationToken.None);

        Assert.Equal(first, second);
        Assert.Equal(2, trainer.CountOf(1));
    }

    [Fact]
    public async Task Train_NextAttempt_IsAnsweredFromTheSavedState()
    {
        using var run = new TestRun();
        var trainer = new FakeTrainer();
        await using var cluster = await StoppedAfterRoundZeroAsync(run, trainer, new CrashingBlobs());
        var ticket = await NextTicketAsync(cluster, "u1");
        await cluster.User("u1").TrainAsync(ticket, CancellationToken.None);

        var again = await cluster.User("u1").TrainAsync(ticket with { Attempt = 1 }, CancellationToken.None);

        Assert.Equal(1, again.Attempt);
        Assert.Equal(2, trainer.CountOf(1));
    }

    [Fact]
    public async Task Train_RoundNeverCommitted_StartsFromTheCommittedState()
    {
        // Round 1 is trained but not committed; round 2 is ordered on top of round 0, as after a round without this
        // user.
        using var run = new TestRun();
        var blobs = new CrashingBlobs();
        await using var cluster = await StoppedAfterRoundZeroAsync(run, new FakeTrainer(), blobs);
        var ticket = await NextTicketAsync(cluster, "u1");
        await cluster.User("u1").TrainAsync(ticket, CancellationToken.None);

        await cluster.User("u1").TrainAsync(ticket with { Round = 2 }, CancellationToken.None);

        Assert.Equal(["run/users/u1/0", "run/users/u1/2"], blobs.Names.Where(name => name.Contains("/u1/")));
        var one = await ParametersAsync(run, trainedFrom: ticket);
        Assert.Equal(one, await blobs.ReadAsync("run/users/u1/2", CancellationToken.None));
    }

    [Fact]
    public async Task Train_StateCannotBeSaved_SendsNothingAndKeepsTheOldState()
    {
        using var run = new TestRun();
        var (trainer, blobs, calls) = (new FakeTrainer(), new CrashingBlobs(), new CallLog());
        await using var cluster = await StoppedAfterRoundZeroAsync(run, trainer, blobs, calls);
        var ticket = await NextTicketAsync(cluster, "u1");
        blobs.BeforeWrite = name => throw new IOException($"No space left for {name}.");

        await Assert.ThrowsAsync<IOException>(() => cluster.User("u1").TrainAsync(ticket, CancellationToken.None));

        Assert.DoesNotContain(calls.Messages.OfType<Contribution>(), contribution => contribution.Receipt.Round == 1);
        blobs.BeforeWrite = _ => { };
        var receipt = await cluster.User("u1").TrainAsync(ticket, CancellationToken.None);
        Assert.Equal(1, receipt.Round);
        Assert.Equal(3, trainer.CountOf(1));
    }

    [Fact]
    public async Task Train_Contribution_IsSentOnlyOnceTheStateIsStored()
    {
        using var run = new TestRun();
        var (blobs, calls) = (new CrashingBlobs(), new CallLog());
        var storedFirst = new List<bool>();
        calls.Before = call =>
        {
            if (call.Request.GetMethodName() == nameof(IPartialSumGrain.AddAsync))
            {
                var contribution = (Contribution)call.Request.GetArgument(0)!;
                lock (storedFirst)
                {
                    var (user, round) = (contribution.Receipt.User, contribution.Receipt.Round);
                    storedFirst.Add(blobs.Names.Contains($"run/users/{user}/{round}"));
                }
            }
        };

        await using var cluster = await StoppedAfterRoundZeroAsync(run, new FakeTrainer(), blobs, calls);

        Assert.Equal([true, true, true, true], storedFirst);
    }

    /// <summary>A run whose first round is committed and that then stopped.</summary>
    private static async Task<TestCluster> StoppedAfterRoundZeroAsync(
        TestRun run, FakeTrainer trainer, CrashingBlobs blobs, CallLog? calls = null)
    {
        run.Spec = run.Spec with { Rounds = 1 };
        var cluster = await TestCluster.StartAsync(run, trainer, configure: silo =>
        {
            silo.Services.AddSingleton<IBlobStore>(blobs);
            silo.Services.AddSingleton<IIncomingGrainCallFilter>(calls ?? new());
        });
        await cluster.RunAsync();
        return cluster;
    }

    private static async Task<RoundTicket> NextTicketAsync(TestCluster cluster, string user)
    {
        var committed = await cluster.Experiment.GetVersionAsync(user);
        return new("run", Round: 1, Attempt: 0, committed.Generalist, committed.Version);
    }

    /// <summary>What u1 has after one round on top of round 0, in a run where nothing else happened.</summary>
    private static async Task<byte[]?> ParametersAsync(TestRun like, RoundTicket trainedFrom)
    {
        using var run = new TestRun { Spec = like.Spec };
        var blobs = new CrashingBlobs();
        await using var cluster = await StoppedAfterRoundZeroAsync(run, new FakeTrainer(), blobs);
        await cluster.User("u1").TrainAsync(trainedFrom with { Round = 2 }, CancellationToken.None);
        return await blobs.ReadAsync("run/users/u1/2", CancellationToken.None);
    }
}
