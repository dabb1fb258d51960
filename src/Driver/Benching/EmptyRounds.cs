using System.Diagnostics;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Methods;
using CoMiGS.Results;

namespace CoMiGS.Driver.Benching;

/// <summary>What a round costs beside training: every user of a run gets its ticket, trains nothing and answers; the
/// round is committed and reported. Through the real grains and the real storage; the first round, which activates the
/// users, is not counted.</summary>
internal sealed class EmptyRounds(BenchSizes sizes) : IBenchPart
{
    private const int Tokens = 32;

    public string Name => "dispatch";

    public double EstimateSeconds => 3 + (sizes.WarmUsers.Sum() * (sizes.RoundPatience.Wanted + 3) * 0.001);

    public async Task MeasureAsync(Action<BenchFigure> report, CancellationToken stop)
    {
        foreach (var users in sizes.WarmUsers)
        {
            await MeasureAsync(users, report, stop);
        }
    }

    private async Task MeasureAsync(int users, Action<BenchFigure> report, CancellationToken stop)
    {
        using var folder = new TemporaryFolder();
        var shard = folder.At("shard.bin");
        TokenStream.Write(shard, Enumerable.Repeat(1, Tokens).ToArray());
        var spec = SpecOf(users, shard, folder.At("out"));
        await TinyCluster.WithGrainsAsync(folder, stop, async grains =>
        {
            var round = await MeasureAsync(grains, spec, stop);
            var each = 1e6 * round.Median / users;
            report(new(
                Name, "emptyRound",
                $"a round without training, {Figures.Plural(users, "warm user")}", round, "s",
                $"{each:0} µs a user", new { users, microsecondsPerUser = each }));
        });
    }

    /// <returns>Seconds from commit to commit, as seen by somebody who follows the run.</returns>
    private async Task<Readings> MeasureAsync(IGrainFactory grains, RunSpec spec, CancellationToken stop)
    {
        var experiment = grains.GetGrain<IExperimentGrain>(spec.Experiment);
        await experiment.StartAsync(spec, stop);
        await using var rounds = experiment.WatchAsync(0, stop).GetAsyncEnumerator(stop);
        await NextAsync();   // activates the users
        var seconds = await Readings.AllAsync(sizes.RoundPatience, NextAsync);
        await experiment.StopAsync();
        return Readings.Of(seconds);

        async Task<double> NextAsync()
        {
            var start = Stopwatch.GetTimestamp();
            if (!await rounds.MoveNextAsync())
            {
                await experiment.GetResultAsync(stop);   // throws what went wrong
            }

            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private RunSpec SpecOf(int users, string shard, string output) => new()
    {
        Experiment = "empty",
        Method = MethodCatalog.Pretrained,
        Seed = 1,
        Rounds = 1000,   // it is stopped long before, and so its users are not measured
        Base = "tiny",
        Training = new() { LocalSteps = 1, MicroBatch = 1, SequenceLength = 4 },
        Experts = new() { MlpRank = 1, AttentionRank = 1 },
        Router = new(),
        Evaluation = new() { Every = 0 },
        Round = new(),
        Users = [.. Enumerable.Range(0, users).Select(number => UserOf(number, shard))],
        Output = output,
    };

    private static UserSpec UserOf(int number, string shard) => new()
    {
        Id = $"u{number:00000}",
        Experts = 2,
        MlpRank = 1,
        AttentionRank = 1,
        LocalSteps = 1,
        MicroBatch = 1,
        Accumulation = 1,
        Train = [new(shard, 1)],
        Valid = [],
        Targets = [new() { Name = "own", Shards = [shard] }],
    };
}
