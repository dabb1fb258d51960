using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoMiGS.Grains.Experiments;

/// <summary>Has the cluster's runs looked after from every silo: a run whose silo died begins again elsewhere at its
/// last commit, whether or not somebody watches it.</summary>
public sealed class RunKeeper(IGrainFactory grains, SiloLife silo, ILogger<RunKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, silo.Draining);
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(either.Token))
            {
                await KeepGoingAsync(either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // This silo leaves; the others keep on.
        }
    }

    private async Task KeepGoingAsync(CancellationToken stop)
    {
        try
        {
            await grains.GetGrain<IRunsGrain>(IRunsGrain.Key).KeepGoingAsync().WaitAsync(stop);
        }
        catch (Exception failed) when (!stop.IsCancellationRequested)
        {
            ExperimentLog.NotLookedAfter(log, failed);
        }
    }
}
