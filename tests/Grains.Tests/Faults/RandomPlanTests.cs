using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using CoMiGS.Grains.Aggregation;
using CoMiGS.Grains.Experiments;
using CoMiGS.Grains.Faults;
using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Data;
using Microsoft.Extensions.DependencyInjection;

namespace CoMiGS.Grains.Tests.Faults;

/// <summary>What holds for every fault plan, tried on random ones. COMIGS_FAULT_PLANS says how many.</summary>
public sealed class RandomPlanTests
{
    private const int Rounds = 4;
    private const double Grace = 0.25;

    /// <summary>Of a run whose pauses are skipped, on a busy machine.</summary>
    private static readonly TimeSpan WallLimit = TimeSpan.FromSeconds(60);

    private static readonly FaultKind[] Kinds =
        [.. Enum.GetValues<FaultKind>().Except([FaultKind.KillSilo, FaultKind.Slow])];

    private static int PlanCount =>
        int.TryParse(Environment.GetEnvironmentVariable("COMIGS_FAULT_PLANS"), out var count) ? count : 200;

    [Fact]
    public async Task Rounds_UnderAnyPlan_EndInTimeWithTheMeanOfWhoWasAcceptedOrAFailureThatSaysWhy()
    {
        for (ulong number = 0; number < (ulong)PlanCount; number++)
        {
            var (reports, failure) = await RunAsync(number);
            if (number % 10 == 0)
            {
                var (again, sameFailure) = await RunAsync(number);
                Assert.Equal(reports.Select(Trace), again.Select(Trace));
                Assert.Equal(Anywhere(failure), Anywhere(sameFailure));
            }
        }
    }

    private static async Task<(IReadOnlyList<RoundReport> Reports, string? Failure)> RunAsync(ulong number)
    {
        using var run = new TestRun(users: 6);
        run.Spec = SpecOf(run.Spec, Randomness.Of(number, Randomness.Key("plans")));
        Assert.Empty(SpecCheck.Problems(run.Spec));
        var (calls, uploads) = (new CallLog(), new ConcurrentDictionary<(int, int, string), Contribution>());
        calls.Before = call =>
        {
            if (call.Grain is PartialSumGrain && call.Request.GetMethodName() == nameof(IPartialSumGrain.AddAsync)
                && call.Request.GetArgument(0) is Contribution sent)
            {
                uploads[(sent.Receipt.Round, sent.Receipt.Attempt, sent.Receipt.User)] = sent;
            }
        };
        var time = new ManualTime { Skips = TimeSpan.FromSeconds(4) };
        await using var cluster = await TestCluster.StartAsync(
            run, new FakeTrainer(), silos: 1 + (int)(number % 2), time,
            silo => silo.Services.AddSingleton<IIncomingGrainCallFilter>(calls));
        string? failure = null;
        try
        {
            await cluster.RunAsync().WaitAsync(WallLimit);
        }
        catch (ExperimentFailedException failed)
        {
            failure = failed.Message;
            Assert.StartsWith("Round ", failure, StringComparison.Ordinal);
            Assert.Contains("missing are 'u", failure, StringComparison.Ordinal);
            Assert.Equal(FailedRound.Stop, run.Spec.Round.OnFailure);
        }

        var reports = await cluster.Experiment.WatchAsync(0, CancellationToken.None).ToListAsync();
        Assert.Equal(failure is null, reports.Count == Rounds);
        var plan = new FaultPlan(run.Spec);
        foreach (var report in reports)
        {
            Check(report, run.Spec, plan, uploads);
        }

        foreach (var user in run.Spec.Users)
        {
            var last = reports.LastOrDefault(report => report.Receipts.Any(receipt => receipt.User == user.Id));
            Assert.Equal(last?.Round ?? -1, (await cluster.Experiment.GetVersionAsync(user.Id)).Version);
        }

        return (reports, failure);
    }

    private static void Check(
        RoundReport report, RunSpec spec, FaultPlan plan,
        ConcurrentDictionary<(int Round, int Attempt, string User), Contribution> uploads)
    {
        var wanted = CohortSampler.SizeOf(spec.Round, spec.Users.Length);
        Assert.InRange(report.Receipts.Length, 0, wanted);
        Assert.True(report.Failure is not null || report.Receipts.Length >= CohortSampler.QuorumOf(spec.Round, wanted));
        Assert.InRange(report.TrainingSeconds, 0, Rounds * (spec.Round.DeadlineSeconds + Grace));
        Assert.Empty(report.Receipts.Select(receipt => receipt.User).Intersect(report.Missing));
        if (spec.Round.SimulatedDeadlineSeconds is { } deadline)
        {
            Assert.InRange(report.Simulated!.Seconds, 0, report.Simulated.WaitedSeconds + deadline + Grace);
        }

        if (!report.Receipts.IsEmpty)
        {
            Assert.Equal(HashOfMean(report, plan, uploads), report.Generalist);
        }
    }

    /// <summary>Of what arrived of exactly those who were accepted.</summary>
    private static string HashOfMean(
        RoundReport report, FaultPlan plan,
        ConcurrentDictionary<(int Round, int Attempt, string User), Contribution> uploads)
    {
        FixedPointSum? sum = null;
        foreach (var receipt in report.Receipts)
        {
            var sent = uploads[(report.Round, receipt.Attempt, receipt.User)];
            var values = ContentHash.ToFloats(CorruptedUpload.Of(plan, sent).Parameters);
            sum ??= new(values.Length);
            sum.Add(1, values);
        }

        return ContentHash.Of(ContentHash.ToBytes(sum!.Mean(report.Receipts.Length)));
    }

    private static RunSpec SpecOf(RunSpec spec, Randomness random)
    {
        var rules = Enumerable.Range(0, 1 + random.NextBelow(4)).Select(_ => RuleOf(random)).ToArray();
        var round = new RoundSpec
        {
            Cohort = random.NextBelow(2) * (2 + random.NextBelow(4)),
            Quorum = random.NextBelow(5) / 4.0,
            OverSelection = 1 + (random.NextBelow(3) / 2.0),
            OnFailure = (FailedRound)random.NextBelow(3),
            DeadlineSeconds = 20,
        };
        if (round.OnFailure == FailedRound.Retry)   // with nobody left even a run that tries again fails
        {
            round = round with { OnFailure = FailedRound.Skip };
        }

        var next = spec with { Rounds = Rounds, Seed = random.NextUInt64(), Faults = [.. rules], Round = round };
        return VirtualClock.IsNeeded(next) && random.NextBelow(2) == 0
            ? next with { Round = round with { SimulatedDeadlineSeconds = 30 } }
            : next;
    }

    private static FaultRule RuleOf(Randomness random)
    {
        var kind = Kinds[random.NextBelow(Kinds.Length)];
        return new()
        {
            Kind = kind,
            Probability = (1 + random.NextBelow(4)) / 4.0,
            Users = kind.ConcernsUsers() && random.NextBelow(2) == 0 ? [$"u{random.NextBelow(6)}"] : [],
            Rounds = random.NextBelow(2) == 0 ? [1 + random.NextBelow(Rounds)] : [],
            Factor = kind == FaultKind.Scale ? random.NextBelow(9) - 4 : null,
            Seconds = kind == FaultKind.Delay ? random.NextBelow(60) : null,
            Spread = kind == FaultKind.Delay ? random.NextDouble() : 0,
        };
    }

    /// <summary>All of a round that a plan decides.</summary>
    private static string Trace(RoundReport report) => Anywhere(string.Join(
        " | ", report.Generalist, string.Join(',', report.Receipts.Select(receipt => receipt.User)),
        string.Join(',', report.Missing), report.Simulated?.Seconds, report.Failure,
        string.Join(';', report.Faults.Select(fault => (fault.User, fault.Kind, fault.Detected)))));

    /// <summary>Without the name of the test's own folder.</summary>
    private static string Anywhere(string? text) => Regex.Replace(text ?? "", "comigs-test-[A-Za-z0-9]+", "");
}
