using System.Collections.Immutable;
using System.Diagnostics;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;
using CoMiGS.Silo.Clustering;

namespace CoMiGS.Driver.Running;

/// <summary>Has arms run one after another on whatever cluster the factory belongs to, and follows them. Lost calls are
/// made again: the cluster goes on without us meanwhile.</summary>
internal sealed class ArmRunner(IGrainFactory grains, IProgressView view)
{
    /// <summary>Longest a cluster may not answer at all before we give up on it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private IRunsGrain Runs => grains.GetGrain<IRunsGrain>(IRunsGrain.Key);

    /// <summary>Hands the arms in. From then on they run, whether or not anybody follows them.</summary>
    /// <exception cref="ExperimentFailedException">They cannot run.</exception>
    public Task SubmitAsync(RunFile run, ImmutableArray<Arm> arms, string output, CancellationToken stop) => AskAsync(
        async () =>
        {
            await Runs.SubmitAsync(SubmissionOf(run, arms, output), [.. arms.Select(arm => arm.Spec)]).WaitAsync(stop);
            return true;
        },
        stop);

    /// <summary>Has the arms go on from what is stored of them, and says from where.</summary>
    /// <returns>A sentence for each damaged or missing file they go on without.</returns>
    /// <exception cref="BadInputException">So much is damaged that an arm cannot go on.</exception>
    /// <exception cref="ExperimentFailedException">They cannot run.</exception>
    public async Task<ImmutableArray<string>> ResumeAsync(
        RunFile run, ImmutableArray<Arm> arms, string output, CancellationToken stop)
    {
        try
        {
            var resumed = await AskAsync(
                () => Runs.ResumeAsync(SubmissionOf(run, arms, output), [.. arms.Select(arm => arm.Spec)], stop)
                    .WaitAsync(stop),
                stop);
            ImmutableArray<string> remarks = [.. resumed.SelectMany(one => one.Remarks)];
            foreach (var sentence in remarks.Concat(Resumption.Of(arms, resumed)))
            {
                view.Remark(sentence);
            }

            return remarks;
        }
        catch (RunDamagedException damaged)
        {
            throw new BadInputException(damaged.Message, damaged);
        }
    }

    /// <summary>Follows submitted arms to their end.</summary>
    /// <exception cref="ExperimentFailedException">An arm failed; those after it were not started.</exception>
    /// <exception cref="OperationCanceledException">We stopped; the arms did not.</exception>
    public async Task<ImmutableArray<ArmOutcome>> FollowAsync(
        ImmutableArray<Arm> arms, ImmutableSortedDictionary<string, string> samples, CancellationToken stop)
    {
        var outcomes = ImmutableArray.CreateBuilder<ArmOutcome>();
        var clock = new ProgressClock(arms.Sum(arm => arm.Spec.Rounds));
        foreach (var arm in arms)
        {
            var number = outcomes.Count + 1;
            outcomes.Add(await FollowAsync(
                arm, samples, report => view.Show(new(arm, number, arms.Length, report, clock.Tick())), stop));
            samples = ImmutableSortedDictionary<string, string>.Empty;   // only the main arm is traced
        }

        return outcomes.ToImmutable();
    }

    private async Task<ArmOutcome> FollowAsync(
        Arm arm, ImmutableSortedDictionary<string, string> samples, Action<RoundReport> show, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        var curve = ImmutableArray.CreateBuilder<CurvePoint>();
        double? productGap = null;
        var emptyRounds = 0;

        // 1. Follow round by round, 2. take the figures.
        await using (var metrics = new MetricsFile(arm))
        {
            await FollowRoundsAsync(
                arm,
                report =>
                {
                    metrics.Add(report);
                    productGap = report.ProductGap;
                    emptyRounds += report.Failure is not null && report.Receipts.IsEmpty ? 1 : 0;
                    if (!report.Evaluations.IsEmpty)
                    {
                        curve.Add(new(report.Round + 1,
                            report.Evaluations.ToImmutableSortedDictionary(user => user.User, user => user.Loss)));
                    }

                    show(report);
                },
                stop);
        }

        var result = await AskAsync(() => ExperimentOf(arm).GetResultAsync(stop).WaitAsync(stop), stop);

        // 3. Every user writes its adapters, and shows where the tokens of its sample go.
        foreach (var user in arm.WritesAdapters ? arm.Spec.Users : [])
        {
            await AskAsync(
                async () =>
                {
                    await User(arm, user.Id).ExportAsync(null, stop).WaitAsync(stop);
                    return true;
                },
                stop);
        }

        var traces = await TraceAsync(arm, samples, stop);
        return new(
            arm, result, curve.ToImmutable(), productGap, traces, Stopwatch.GetElapsedTime(start).TotalSeconds,
            emptyRounds);
    }

    /// <summary>Every round once, in order, however often the one who tells of them dies.</summary>
    private async Task FollowRoundsAsync(Arm arm, Action<RoundReport> see, CancellationToken stop)
    {
        var next = 0;
        for (var ended = false; !ended;)
        {
            ended = await AskAsync(
                async () =>
                {
                    var first = next;
                    try
                    {
                        await foreach (
                            var report in ExperimentOf(arm).WatchAsync(next, stop).WithCancellation(stop))
                        {
                            see(report);
                            next = report.Round + 1;
                        }

                        return true;
                    }
                    catch (Exception lost) when (
                        next > first && LostCalls.IsLost(lost) && !stop.IsCancellationRequested)
                    {
                        return false;   // it has answered, so our patience begins anew
                    }
                },
                stop);
        }
    }

    private async Task<ImmutableArray<UserTrace>> TraceAsync(
        Arm arm, ImmutableSortedDictionary<string, string> samples, CancellationToken stop)
    {
        var traces = ImmutableArray.CreateBuilder<UserTrace>();
        foreach (var (user, text) in samples)
        {
            traces.Add(new(user, await AskAsync(
                () => User(arm, user).TraceAsync(new TraceTicket(null, text), stop).WaitAsync(stop), stop)));
        }

        return traces.ToImmutable();
    }

    private static Submission SubmissionOf(RunFile run, ImmutableArray<Arm> arms, string output) =>
        new(run.Name, YamlWriter.Write(run), output, [.. arms.Select(arm => arm.Spec.Experiment)]);

    /// <summary>Asks until there is an answer, but not for ever.</summary>
    private async Task<T> AskAsync<T>(Func<Task<T>> call, CancellationToken stop)
    {
        var lostSince = 0L;
        try
        {
            return await LostCalls.AgainAsync(
                call, failed => !LostCalls.IsLost(failed) || IsTooLong(failed), TimeProvider.System, stop);
        }
        catch (Exception lost) when (LostCalls.IsLost(lost) && !stop.IsCancellationRequested)
        {
            throw new ClusterUnavailableException(
                $"the cluster has not answered for {Patience.TotalSeconds} s: {lost.GetBaseException().Message}", lost);
        }

        bool IsTooLong(Exception lost)
        {
            if (lostSince == 0)
            {
                lostSince = Stopwatch.GetTimestamp();
                view.Remark($"No answer, asking again: {lost.GetBaseException().Message.ReplaceLineEndings(" ")}");
            }

            return Stopwatch.GetElapsedTime(lostSince) > Patience;
        }
    }

    private IExperimentGrain ExperimentOf(Arm arm) => grains.GetGrain<IExperimentGrain>(arm.Spec.Experiment);

    private IUserGrain User(Arm arm, string user) => grains.GetGrain<IUserGrain>($"{arm.Spec.Experiment}/{user}");
}
