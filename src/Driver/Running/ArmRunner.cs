using System.Collections.Immutable;
using System.Diagnostics;
using CoMiGS.Driver.Results;
using CoMiGS.Driver.RunFiles;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Driver.Running;

/// <summary>Runs arms one after another on whatever cluster the factory belongs to.</summary>
internal sealed class ArmRunner(IGrainFactory grains, IProgressView view)
{
    /// <exception cref="ExperimentFailedException">An arm failed; those after it were not started.</exception>
    /// <exception cref="OperationCanceledException">Stopped; what rounds had committed stays.</exception>
    public async Task<ImmutableArray<ArmOutcome>> RunAsync(
        ImmutableArray<Arm> arms, ImmutableSortedDictionary<string, string> samples, CancellationToken stop)
    {
        var outcomes = ImmutableArray.CreateBuilder<ArmOutcome>();
        var clock = new ProgressClock(arms.Sum(arm => arm.Spec.Rounds));
        foreach (var arm in arms)
        {
            var number = outcomes.Count + 1;
            outcomes.Add(await RunAsync(
                arm, samples, report => view.Show(new(arm, number, arms.Length, report, clock.Tick())), stop));
            samples = ImmutableSortedDictionary<string, string>.Empty;   // only the main arm is traced
        }

        return outcomes.ToImmutable();
    }

    private async Task<ArmOutcome> RunAsync(
        Arm arm, ImmutableSortedDictionary<string, string> samples, Action<RoundReport> show, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        var experiment = grains.GetGrain<IExperimentGrain>(arm.Spec.Experiment);
        var curve = ImmutableArray.CreateBuilder<CurvePoint>();
        try
        {
            // 1. Start, 2. follow round by round, 3. take the figures.
            await experiment.StartAsync(arm.Spec, stop);
            await using (var metrics = new MetricsFile(arm))
            {
                await foreach (var report in experiment.WatchAsync(0, stop).WithCancellation(stop))
                {
                    metrics.Add(report);
                    if (!report.Evaluations.IsEmpty)
                    {
                        curve.Add(new(report.Round + 1,
                            report.Evaluations.ToImmutableSortedDictionary(user => user.User, user => user.Loss)));
                    }

                    show(report);
                }
            }

            var result = await experiment.GetResultAsync(stop);

            // 4. Every user writes its adapters, and shows where the tokens of its sample go.
            await ForEachUserAsync(arm, user => user.ExportAsync(null, stop));
            var traces = await TraceAsync(arm, samples, stop);
            return new(arm, result, curve.ToImmutable(), traces, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        catch (OperationCanceledException)
        {
            await experiment.StopAsync();
            throw;
        }
    }

    private async Task<ImmutableArray<UserTrace>> TraceAsync(
        Arm arm, ImmutableSortedDictionary<string, string> samples, CancellationToken stop)
    {
        var traces = ImmutableArray.CreateBuilder<UserTrace>();
        foreach (var (user, text) in samples)
        {
            traces.Add(new(user, await User(arm, user).TraceAsync(new TraceTicket(null, text), stop)));
        }

        return traces.ToImmutable();
    }

    private IUserGrain User(Arm arm, string user) => grains.GetGrain<IUserGrain>($"{arm.Spec.Experiment}/{user}");

    private async Task ForEachUserAsync(Arm arm, Func<IUserGrain, Task> act)
    {
        foreach (var user in arm.Spec.Users)
        {
            await act(User(arm, user.Id));
        }
    }
}
