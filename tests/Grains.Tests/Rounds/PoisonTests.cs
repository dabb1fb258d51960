using System.Collections.Concurrent;
using System.Collections.Immutable;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Grains.Tests.Rounds;

/// <summary>Users whose uploads are spoiled on their way to the sum, and what the server makes of it.</summary>
public sealed class PoisonTests
{
    private const float Largest = 120;   // still in range

    private static readonly AggregationSpec Rejecting = new() { RejectNorm = 2 };

    public static TheoryData<string, string> Refused => new()
    {
        { "nan", "'u4' (transformer.h.0.attn.c_attn.lora_A[3] is NaN, but only values between ±128 can be averaged" },
        { "short", "'u4' (its upload has 508 bytes, but what it shares has 512)" },
        { "torn", "'u4' (its upload has 511 bytes, but what it shares has 512)" },
        { "scaled", "'u4' (its update has an L2 norm of " },
    };

    [Theory]
    [InlineData("nan")]
    [InlineData("short")]
    [InlineData("scaled")]
    public async Task Round_UploadRefused_IsThatOfTheOthersAlone(string damage)
    {
        var spoiled = await RunAsync(Rejecting, Spoil("u4", damage), quorum: 0.8);
        var onThree = await RunAsync(Rejecting, Spoil("u4", damage), quorum: 0.8, silos: 3);
        var without = await RunAsync(new(), (user, parameters) => user == "u4"
            ? throw new UserFailedException("it was dropped")
            : parameters, quorum: 0.8);

        Assert.All(spoiled.Reports, report => Assert.Equal(["u4"], report.Missing));
        Assert.All(spoiled.Reports, report => Assert.Equal(4, report.Receipts.Length));
        Assert.Equal(without.Hashes, spoiled.Hashes);
        Assert.Equal(without.Hashes, onThree.Hashes);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Round_UploadRefusedButEveryoneIsNeeded_FailsWithTheReason(string damage, string reason)
    {
        var error = await Assert.ThrowsAsync<ExperimentFailedException>(
            () => RunAsync(Rejecting, Spoil("u4", damage)));

        Assert.StartsWith(
            $"Round 1: 4 of 5 users took part, but the quorum 1 needs 5; missing are {reason}", error.Message,
            StringComparison.Ordinal);
        Assert.EndsWith(").", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Round_ScaledUploadIsClipped_MovesTheMeanNoFurtherThanThat()
    {
        const double Limit = 0.5;
        var open = await RunAsync(new(), Spoil("u4", "scaled"), rounds: 1);
        var clipped = await RunAsync(new() { ClipNorm = Limit }, Spoil("u4", "scaled"), rounds: 1);

        Assert.InRange(Distance(open.Start, open.End), 10, double.MaxValue);
        Assert.InRange(Distance(clipped.Start, clipped.End), Limit / 10, Limit + 1e-5);
        Assert.Empty(clipped.Reports[0].Missing);
    }

    [Fact]
    public async Task Round_ClipNormThatNobodyReaches_ChangesNoBit()
    {
        var plain = await RunAsync(new());
        var clipped = await RunAsync(new() { ClipNorm = 100, RejectNorm = 1000 });

        Assert.Equal(plain.Hashes, clipped.Hashes);
    }

    [Theory]
    [InlineData(Combination.Median, 0)]
    [InlineData(Combination.TrimmedMean, 0.4)]
    public async Task Round_MinorityWithTheSignFlipped_StaysNearTheHonestMean(Combination combine, double trim)
    {
        string[] liars = ["u3", "u4"];
        var honest = await RunAsync(new(), rounds: 1);
        var flipped = await RunAsync(new(), Flip, rounds: 1);
        var robust = await RunAsync(new() { Combine = combine, Trim = trim }, Flip, rounds: 1);

        Assert.InRange(
            Distance(robust.End, honest.End), 0, 0.2 * Distance(flipped.End, honest.End));
        var uploads = robust.Uploads.Where(upload => !liars.Contains(upload.Key)).Select(upload => upload.Value);
        Assert.All(robust.End.Index(), value => Assert.InRange(
            value.Item, uploads.Min(user => user[value.Index]) - 1e-6, uploads.Max(user => user[value.Index]) + 1e-6));

        byte[] Flip(string user, byte[] parameters) => liars.Contains(user)
            ? ContentHash.ToBytes([.. ContentHash.ToFloats(parameters).Select(value => -value)])
            : parameters;
    }

    public static TheoryData<AggregationSpec> Defences =>
    [
        new AggregationSpec { Combine = Combination.Median },
        new AggregationSpec { Combine = Combination.TrimmedMean, Trim = 0.3, ClipNorm = 0.3 },
        new AggregationSpec { ClipNorm = 0.1, RejectNorm = 1000 },
        new AggregationSpec { ClipNorm = 0.1, Averages = Averaged.Products },
    ];

    [Theory]
    [MemberData(nameof(Defences))]
    public async Task Run_AnyDefenceOnOneOrThreeSilos_EndsWithTheSameBytes(AggregationSpec defence)
    {
        var one = await RunAsync(defence, Spoil("u1", "scaled"));
        var three = await RunAsync(defence, Spoil("u1", "scaled"), silos: 3);

        Assert.Equal(one.Hashes, three.Hashes);
        Assert.Equal(one.Adapters, three.Adapters);
        Assert.NotEqual((await RunAsync(new(), Spoil("u1", "scaled"))).Hashes, one.Hashes);
    }

    /// <summary>Ranks 1 to 3: whoever has a component counts in it.</summary>
    [Fact]
    public async Task Run_MedianOfUnequalRanks_EndsWithTheSameBytesOnAnySilos()
    {
        var defence = new AggregationSpec { Combine = Combination.Median, ClipNorm = 5 };

        var one = await RunAsync(defence, ranks: [1, 2, 3, 2, 3]);
        var three = await RunAsync(defence, silos: 3, ranks: [1, 2, 3, 2, 3]);

        Assert.Equal(one.Adapters, three.Adapters);
        Assert.Equal(one.End.Length, one.Uploads["u2"].Length);
        Assert.True(one.Uploads["u0"].Length < one.Uploads["u1"].Length);
    }

    private static Func<string, byte[], byte[]> Spoil(string user, string damage) => (sender, parameters) =>
    {
        if (sender != user)
        {
            return parameters;
        }

        var values = ContentHash.ToFloats(parameters);
        switch (damage)
        {
            case "nan":
                values[3] = float.NaN;
                return ContentHash.ToBytes(values);
            case "short":
                return parameters[4..];
            case "torn":
                return parameters[1..];
            default:
                return ContentHash.ToBytes([.. values.Select(value => Math.Clamp(1000 * value, -Largest, Largest))]);
        }
    };

    private static double Distance(float[] one, float[] other) =>
        Math.Sqrt(one.Zip(other, (a, b) => Math.Pow((double)a - b, 2)).Sum());

    /// <param name="tamper">What arrives of a user's parameters; throws: nothing does.</param>
    private static async Task<Outcome> RunAsync(
        AggregationSpec aggregation, Func<string, byte[], byte[]>? tamper = null, double quorum = 1, int silos = 1,
        int rounds = 2, int[]? ranks = null)
    {
        using var run = new TestRun(users: 5);
        run.Spec = run.Spec with
        {
            Rounds = rounds,
            Aggregation = aggregation,
            Round = new() { Quorum = quorum },
            Evaluation = new() { Every = 0 },
            Users = [.. run.Spec.Users.Select((user, index) => user with { MlpRank = ranks?[index] ?? 2 })],
        };
        var arrived = new ConcurrentDictionary<string, Contribution>();
        await using var cluster = await TestCluster.StartAsync(run, new FakeTrainer(), silos, configure: silo =>
            silo.AddIncomingGrainCallFilter(async call =>
            {
                if (call.Grain is not IPartialSumGrain sum || call.MethodName != nameof(IPartialSumGrain.AddAsync))
                {
                    await call.Invoke();
                    return;
                }

                var sent = (Contribution)call.Request.GetArgument(0)!;
                sent = sent with { Parameters = tamper?.Invoke(sent.Receipt.User, sent.Parameters) ?? sent.Parameters };
                arrived[sent.Receipt.User] = sent;
                await sum.AddAsync(sent);
                call.Result = null;
            }));
        await cluster.RunAsync();
        var reports = await cluster.Experiment.WatchAsync(0, CancellationToken.None).ToListAsync();
        var server = cluster.Grains.GetGrain<IAggregatorGrain>(run.Spec.Experiment);
        return new(
            [.. reports], await ReadAsync(arrived["u0"].Start), await ReadAsync(reports[^1].Generalist!),
            arrived.ToDictionary(pair => pair.Key, pair => ContentHash.ToFloats(pair.Value.Parameters)),
            await cluster.ExportAsync());

        async Task<float[]> ReadAsync(string hash) => ContentHash.ToFloats((await server.ReadAsync(hash, "")).Bytes);
    }

    /// <param name="Start">What the last round started from.</param>
    /// <param name="End">What the server sends after it.</param>
    /// <param name="Uploads">Of the last round, as they arrived.</param>
    private sealed record Outcome(
        ImmutableArray<RoundReport> Reports, float[] Start, float[] End, IReadOnlyDictionary<string, float[]> Uploads,
        IReadOnlyList<byte[]> Adapters)
    {
        public IEnumerable<string?> Hashes => Reports.Select(report => report.Generalist);
    }
}
