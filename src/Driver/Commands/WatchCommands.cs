using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Driver.Running;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;
using CoMiGS.Silo.Clustering;
using Spectre.Console;

namespace CoMiGS.Driver.Commands;

/// <summary>watch and stop: runs of a cluster that somebody handed in before.</summary>
internal static class WatchCommands
{
    public static Command CreateWatch(Terminal terminal)
    {
        var name = Name("The run; all of them are listed otherwise.", ArgumentArity.ZeroOrOne);
        var format = CommonOptions.Format();
        var cluster = ClusterArguments.OfClient();
        var command = new Command("watch", "Follow a run of a cluster to its end, or list its runs.") { name, format };
        cluster.AddTo(command);
        command.SetAction(async (parsed, stop) => await ClusterClient.WithGrainsAsync(
            cluster.Require(parsed), stop, async grains =>
            {
                var runs = grains.GetGrain<IRunsGrain>(IRunsGrain.Key);
                if (parsed.GetValue(name) is { } wanted)
                {
                    await RequireKnownAsync(runs, wanted, stop);
                    await FollowAsync(
                        terminal, parsed.IsJson(format), grains, await runs.GetAsync(wanted).WaitAsync(stop), stop);
                }
                else
                {
                    List(terminal, parsed.IsJson(format), await runs.ListAsync().WaitAsync(stop));
                }

                return true;
            }));
        return command;
    }

    public static Command CreateStop(Terminal terminal)
    {
        var name = Name("The run.", ArgumentArity.ExactlyOne);
        var format = CommonOptions.Format();
        var cluster = ClusterArguments.OfClient();
        var command = new Command("stop", "Stop a run of a cluster; what its rounds committed stays.") { name, format };
        cluster.AddTo(command);
        command.SetAction(async (parsed, stop) => await ClusterClient.WithGrainsAsync(
            cluster.Require(parsed), stop, async grains =>
            {
                var wanted = parsed.GetValue(name)!;
                var runs = grains.GetGrain<IRunsGrain>(IRunsGrain.Key);
                await RequireKnownAsync(runs, wanted, stop);
                await runs.StopAsync(wanted).WaitAsync(stop);
                terminal.Out.WriteLine(parsed.IsJson(format)
                    ? Json.Write(new { name = wanted, stopped = true })
                    : $"{wanted} is stopped.");
                return true;
            }));
        return command;
    }

    private static Argument<string?> Name(string description, ArgumentArity arity) =>
        new("NAME") { Description = description, Arity = arity };

    /// <exception cref="BadInputException">The cluster has no such run.</exception>
    private static async Task RequireKnownAsync(IRunsGrain runs, string wanted, CancellationToken stop)
    {
        string[] names = [.. (await runs.ListAsync().WaitAsync(stop)).Select(run => run.Name)];
        if (!names.Contains(wanted))
        {
            throw new BadInputException($"this cluster has no run '{wanted}'; "
                + (names.Length == 0 ? "it has none yet." : $"did you mean '{Nearest.Of(wanted, names)}'?"));
        }
    }

    /// <summary>From the first round on: what happened before is shown, too.</summary>
    private static async Task FollowAsync(
        Terminal terminal, bool isJson, IGrainFactory grains, Submission submission, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        var run = RunFileReader.ReadResolved(submission.RunFile, submission.Name);
        var remarks = isJson ? terminal.Error : terminal.Out;
        try
        {
            var outcomes = await ProgressViews.WhileAsync(terminal, terminal.IsLive && !isJson, remarks, view =>
                new ArmRunner(grains, view).FollowAsync(
                    Arms.Of(run, submission.Output), Samples.Read(run), stop));
            Conclusion.Draw(
                terminal, isJson, run.Name, submission.Output, outcomes, Stopwatch.GetElapsedTime(start), null);
        }
        catch (OperationCanceledException)
        {
            remarks.WriteLine($"Detached; {run.Name} goes on.");
        }
    }

    private static void List(Terminal terminal, bool isJson, ImmutableArray<SubmissionStatus> submissions)
    {
        if (isJson)
        {
            terminal.Out.WriteLine(Json.Write(submissions));
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("name", "run", "state", "rounds", "results");
        foreach (var submission in submissions)
        {
            foreach (var run in submission.Runs)
            {
                table.AddRow(
                    Markup.Escape(submission.Name), Markup.Escape(run.Experiment),
                    Markup.Escape(run.Status.Error ?? $"{run.Status.Phase}".ToLowerInvariant()),
                    $"{run.Status.NextRound}", Markup.Escape(submission.Output));
            }
        }

        terminal.Console.Write(table);
    }
}
