using CoMiGS.Grains.Aggregation;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Grains.Users;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using Microsoft.Extensions.DependencyInjection;

namespace CoMiGS.Grains.Tests.Rounds;

public sealed class RoundTests
{
    /// <summary>Before users are asked again; far below the deadline.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Round_UserHangs_EndsAtTheDeadlineAndNamesTheUser()
    {
        using var run = new TestRun();
        var (time, trainer, calls) = (new ManualTime(), new FakeTrainer { OnTrain = HangThird }, new CallLog());
        var trained = calls.Count(nameof(IUserGrain.TrainAsync), 3);
        await using var cluster = await TestCluster.StartAsync(run, trainer, time: time, configure: Log(calls));
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);
        await trained;
        var result = cluster.Experiment.GetResultAsync(CancellationToken.None);

        await cluster.AdvanceAsync(time, run.Spec.Round.DeadlineSeconds);

        var error = await Assert.ThrowsAsync<ExperimentFailedException>(() => result);
        Assert.Equal(
            "Round 1: 3 of 4 users took part, but the quorum 1 needs 4; missing are 'u3' (no answer within 3600 s).",
            error.Message);
    }

    [Fact]
    public async Task Round_UserHangsButQuorumIsMet_AveragesTheOthersAndReportsTheMissing()
    {
        using var run = new TestRun();
        run.Spec = run.Spec with { Rounds = 1, Round = new() { Quorum = 0.75 } };
        var (time, trainer, calls) = (new ManualTime(), new FakeTrainer { OnTrain = HangThird }, new CallLog());
        var trained = calls.Count(nameof(IUserGrain.TrainAsync), 3);
        await using var cluster = await TestCluster.StartAsync(run, trainer, time: time, configure: Log(calls));
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);
        await trained;
        await using var reports = cluster.Experiment.WatchAsync(0, CancellationToken.None).GetAsyncEnumerator();
        var next = reports.MoveNextAsync().AsTask();

        await cluster.AdvanceAsync(time, run.Spec.Round.DeadlineSeconds);

        Assert.True(await next);
        Assert.Equal(["u3"], reports.Current.Missing);
        Assert.Equal(["u0", "u1", "u2"], reports.Current.Receipts.Select(receipt => receipt.User));
        Assert.Equal(-1, (await cluster.Experiment.GetVersionAsync("u3")).Version);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, true)]
    public async Task Round_UserNotInTheNextOne_LeavesTheMemory(int cohort, bool leaves)
    {
        using var run = new TestRun();
        run.Spec = run.Spec with { Rounds = 8, Round = new() { Cohort = cohort }, Evaluation = new() { Every = 0 } };
        var (calls, activations) = (new CallLog(), new HashSet<object>(ReferenceEqualityComparer.Instance));
        calls.Before = call =>
        {
            if (call.Request.GetMethodName() == nameof(IUserGrain.TrainAsync))
            {
                lock (activations)
                {
                    activations.Add(call.Grain);
                }
            }
        };
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer(), configure: Log(calls));

        await cluster.RunAsync();

        Assert.Equal(leaves, activations.Count > run.Spec.Users.Length);
    }

    [Fact]
    public async Task Round_OfAMethodThatDoesNotTrain_StoresNothingOfUsers()
    {
        using var run = new TestRun();
        run.Spec = run.Spec with { Method = "pretrained" };
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());

        var result = await cluster.RunAsync();

        Assert.Equal((3, 4), (result.Rounds, result.Users.Length));
        Assert.False(Directory.Exists(Path.Combine(run.StateFolder, "run", "users")));
        Assert.Equal(-1, (await cluster.Experiment.GetVersionAsync("u0")).Version);
    }

    [Fact]
    public async Task Evaluation_OfSomeUsers_MeasuresTheSameOnesEveryTime()
    {
        using var run = new TestRun(users: 10);
        run.Spec = run.Spec with
        {
            Rounds = 4,
            Round = new() { Cohort = 3 },
            Evaluation = new() { Every = 1, Tokens = 8, Users = 2 },
        };
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer());
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);

        var reports = await cluster.Experiment.WatchAsync(0, CancellationToken.None).ToListAsync();
        var result = await cluster.Experiment.GetResultAsync(CancellationToken.None);

        var measured = result.Users.Select(user => user.Id).ToArray();
        Assert.Equal(2, measured.Length);
        Assert.All(reports, report => Assert.Equal(measured, report.Evaluations.Select(user => user.User)));
    }

    [Fact]
    public async Task Round_SumLostAfterEveryoneTrained_IsCollectedAgainWithoutTraining()
    {
        using var run = new TestRun();
        var (trainer, calls, lost) = (new FakeTrainer(), new CallLog(), 0);
        calls.Before = call =>
        {
            if (call.Grain is PartialSumGrain && call.Request.GetMethodName() == nameof(IPartialSumGrain.ReadAsync)
                && Interlocked.Exchange(ref lost, 1) == 0)
            {
                throw new InvalidOperationException("The silo with the sum is gone.");
            }
        };
        await using var cluster = await TestCluster.StartAsync(run, trainer, configure: Log(calls));

        await cluster.RunAsync();

        Assert.All(Enumerable.Range(0, 4), user => Assert.Equal(3, trainer.CountOf(user)));
    }

    [Fact]
    public async Task Round_UserOfALostSilo_IsAskedAgainUntilItAnswers()
    {
        const int Losses = 9;
        using var run = new TestRun();
        var (time, calls, asked) = (new ManualTime { Skips = LongestPause }, new CallLog(), 0);
        calls.Before = call =>
        {
            if (IsTraining(call, "u2") && Interlocked.Increment(ref asked) <= Losses)
            {
                throw new SiloUnavailableException("The user's silo is gone.");
            }
        };
        await using var cluster = await TestCluster.StartAsync(
            run, new FakeTrainer(), time: time, configure: Log(calls));

        var result = await cluster.RunAsync();

        Assert.Equal(3, result.Rounds);
        Assert.Equal(Losses + 3, asked);
    }

    [Fact]
    public async Task Round_UserFailsAgainAndAgain_IsAskedFourTimesAndNamed()
    {
        using var run = new TestRun();
        var (time, calls, asked) = (new ManualTime { Skips = LongestPause }, new CallLog(), 0);
        calls.Before = call =>
        {
            if (IsTraining(call, "u2"))
            {
                asked++;
                throw new InvalidOperationException("its disk is broken");
            }
        };
        await using var cluster = await TestCluster.StartAsync(
            run, new FakeTrainer(), time: time, configure: Log(calls));

        var error = await Assert.ThrowsAsync<ExperimentFailedException>(cluster.RunAsync);

        Assert.EndsWith("missing are 'u2' (its disk is broken).", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, asked);
    }

    [Fact]
    public async Task Round_UserDiverges_FailsNamingUserAndParameter()
    {
        using var run = new TestRun();
        var trainer = new FakeTrainer { Diverging = { 2 } };
        await using var cluster = await TestCluster.StartAsync(run, trainer);
        await cluster.Experiment.StartAsync(run.Spec, CancellationToken.None);

        var error = await Assert.ThrowsAsync<ExperimentFailedException>(
            () => cluster.Experiment.GetResultAsync(CancellationToken.None));

        Assert.Contains("'u2' (transformer.h.0.attn.c_attn.lora_A[0]", error.Message, StringComparison.Ordinal);
        Assert.Contains("is NaN", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OneOrThreeSilos_EndsWithTheSameBytes()
    {
        Assert.Equal(await BytesOfRunAsync(silos: 1), await BytesOfRunAsync(silos: 3));
    }

    [Fact]
    public async Task Messages_OfAWholeRun_CarryNoMoreThanTheSharedPrefix()
    {
        using var run = new TestRun();
        var calls = new CallLog();
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer(), silos: 2, configure: Log(calls));
        await cluster.RunAsync();

        var contributions = calls.Messages.OfType<Contribution>().ToList();
        Assert.NotEmpty(contributions);
        var shared = contributions[0].Parameters.Length;
        Assert.All(contributions, contribution => Assert.Equal(shared, contribution.Parameters.Length));
        Assert.All(calls.Messages.OfType<GeneralistBlob>(), blob => Assert.Equal(shared, blob.Bytes.Length));
        Assert.All(calls.Messages.OfType<PartialSum>(), sum => Assert.Equal(2 * shared, sum.Sum.Length));
        Assert.All(calls.Messages, message => Assert.Contains(message.GetType().Name, Allowed(message)));
    }

    /// <summary>What users say and are told apart from the three kinds of parameters counted above: types without an
    /// array of numbers in them.</summary>
    private static string[] Allowed(object message) => message is Contribution or GeneralistBlob or PartialSum
        ? [message.GetType().Name]
        :
        [
            nameof(RoundTicket), nameof(UserReceipt), nameof(EvaluationTicket), nameof(UserEvaluation),
            nameof(AggregationOrder), nameof(Aggregate), nameof(RunSpec), nameof(ExperimentResult),
            nameof(CancellationToken), nameof(String), nameof(Int32), nameof(Guid), nameof(UserVersion),
            nameof(ExperimentStatus),
        ];

    private static Action<ISiloBuilder> Log(CallLog calls) =>
        silo => silo.Services.AddSingleton<IIncomingGrainCallFilter>(calls);

    private static bool IsTraining(IIncomingGrainCallContext call, string user) =>
        call.Grain is UserGrain && call.Request.GetMethodName() == nameof(IUserGrain.TrainAsync)
        && UserKey.Parse(call.TargetId.Key.ToString()!).User == user;

    private static Task HangThird(int user, CancellationToken stop) =>
        user == 3 ? Task.Delay(Timeout.Infinite, stop) : Task.CompletedTask;

    private static async Task<IReadOnlyList<byte[]>> BytesOfRunAsync(int silos)
    {
        using var run = new TestRun(users: 7);
        run.Spec = run.Spec with { Round = new() { Cohort = 5 } };
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer(), silos);
        await cluster.RunAsync();
        return await cluster.ExportAsync();
    }
}
