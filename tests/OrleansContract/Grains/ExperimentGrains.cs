using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Orleans.Concurrency;
using Orleans.Placement;

namespace OrleansContract;

[GenerateSerializer, Immutable, Alias("contract.Ticket")]
public sealed record Ticket([property: Id(0)] string Run, [property: Id(1)] int Round, [property: Id(2)] int UserCount);

[GenerateSerializer, Immutable, Alias("contract.RoundReport")]
public sealed record RoundReport([property: Id(0)] int Round, [property: Id(1)] long Sum);

/// <summary>A long loop in a timer's tick; status and watchers interleave with it.</summary>
public interface ILoopGrain : IGrainWithStringKey
{
    Task StartAsync(int roundCount, int userCount);

    [AlwaysInterleave]
    Task<int> RoundAsync();

    IAsyncEnumerable<RoundReport> WatchAsync(CancellationToken cancellationToken = default);

    Task<SiloAddress[]> PartialSilosAsync();
}

public interface IUserGrain : IGrainWithStringKey
{
    [ResponseTimeout("01:00:00")]
    Task<SiloAddress> TrainAsync(Ticket ticket, CancellationToken cancellationToken);
}

public interface ISumGrain : IGrainWithStringKey
{
    [OneWay]
    Task HintAsync();

    Task AddAsync(Ticket ticket, long value);

    Task<long> TakeAsync(Ticket ticket);
}

[Reentrant]
public sealed class LoopGrain : Grain, ILoopGrain
{
    private readonly List<RoundReport> reports = [];
    private readonly HashSet<SiloAddress> partials = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int roundCount;

    public Task StartAsync(int rounds, int userCount)
    {
        roundCount = rounds;
        this.RegisterGrainTimer(
            token => RunAsync(userCount, token),
            new GrainTimerCreationOptions
            {
                DueTime = TimeSpan.Zero,
                Period = Timeout.InfiniteTimeSpan,
                Interleave = true,
                KeepAlive = true,
            });
        return Task.CompletedTask;
    }

    public Task<int> RoundAsync() => Task.FromResult(reports.Count);

    public Task<SiloAddress[]> PartialSilosAsync() => Task.FromResult(partials.ToArray());

    public async IAsyncEnumerable<RoundReport> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var next = 0; roundCount == 0 || next < roundCount;)
        {
            if (next < reports.Count)
            {
                yield return reports[next++];
            }
            else
            {
                await changed.Task.WaitAsync(cancellationToken);
            }
        }
    }

    private async Task RunAsync(int userCount, CancellationToken stop)
    {
        for (var round = 0; round < roundCount; round++)
        {
            var ticket = new Ticket(this.GetPrimaryKeyString(), round, userCount);
            var silos = await Task.WhenAll(Enumerable.Range(0, userCount).Select(user =>
                GrainFactory.GetGrain<IUserGrain>($"{ticket.Run}/{user}").TrainAsync(ticket, stop)));
            var sum = 0L;
            foreach (var silo in silos.Distinct())
            {
                partials.Add(silo);
                var partial = GrainFactory.GetGrain<ISumGrain>($"{ticket.Run}/{silo.ToParsableString()}");
                sum += await partial.TakeAsync(ticket);
            }

            reports.Add(new(round, sum));
            changed.SetResult();
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

/// <summary>Trains on a thread of its own and adds to the sum of its silo.</summary>
[HashBasedPlacement]
public sealed class UserGrain(ILocalSiloDetails silo) : Grain, IUserGrain
{
    public async Task<SiloAddress> TrainAsync(Ticket ticket, CancellationToken cancellationToken)
    {
        var user = int.Parse(this.GetPrimaryKeyString().Split('/')[^1], CultureInfo.InvariantCulture);
        var scheduler = TaskScheduler.Current;
        var trained = await Trainer.RunAsync(user).WaitAsync(cancellationToken);
        if (TaskScheduler.Current != scheduler)
        {
            throw new InvalidOperationException("left the turn");
        }

        await GrainFactory.GetGrain<ISumGrain>($"{ticket.Run}/{silo.SiloAddress.ToParsableString()}")
            .AddAsync(ticket, trained);
        return silo.SiloAddress;
    }
}

[PreferLocalPlacement]
public sealed class SumGrain : Grain, ISumGrain
{
    private readonly Dictionary<int, long> sums = [];

    public Task HintAsync() => Task.CompletedTask;

    public Task AddAsync(Ticket ticket, long value)
    {
        sums[ticket.Round] = sums.GetValueOrDefault(ticket.Round) + value;
        return Task.CompletedTask;
    }

    public Task<long> TakeAsync(Ticket ticket) =>
        Task.FromResult(sums.Remove(ticket.Round, out var sum) ? sum : 0);
}

/// <summary>One thread outside the pool that completes work in order.</summary>
public static class Trainer
{
    private static readonly BlockingCollection<(int User, TaskCompletionSource<long> Done)> Work = [];

    static Trainer() => new Thread(() =>
    {
        foreach (var (user, done) in Work.GetConsumingEnumerable())
        {
            done.SetResult(user);
        }
    }) { IsBackground = true }.Start();

    public static Task<long> RunAsync(int user)
    {
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add((user, done));
        return done.Task;
    }
}
