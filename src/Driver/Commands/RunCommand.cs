using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using CoMiGS.Dashboard.Serving;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Driver.Running;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;
using CoMiGS.Learning.Torch;
using CoMiGS.Silo.Clustering;

namespace CoMiGS.Driver.Commands;

/// <summary>run FILE: a run file from its first byte to its report, on silos of this process or on a cluster.</summary>
internal static class RunCommand
{
    public const string Name = "run";

    public static Command Create(Terminal terminal)
    {
        var file = CommonOptions.RunFile();
        var (set, folder, format) = (CommonOptions.Set(), CommonOptions.Out(), CommonOptions.Format());
        var computing = new MachineArguments();
        var silos = CommonOptions.Count("--silos", "Silos in this process.", 1);
        var cluster = ClusterArguments.OfClient();
        var dashboard = new Option<bool>("--dashboard") { Description = "Serve a page to follow the run on." };
        var serving = new DashboardArguments();
        var earlier = new EarlierArguments();
        var detach = new Option<bool>("--detach") { Description = "With --cluster: hand the run in and return." };
        var command = new Command(Name, "Run an experiment.")
        {
            file, set, folder, silos, format, detach, dashboard,
        };
        serving.AddTo(command);
        earlier.AddTo(command);
        computing.AddTo(command);
        cluster.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var start = Stopwatch.GetTimestamp();
            PrecisionComparison? compared = null;
            ImmutableArray<string> damages = [];
            var machine = computing.Require(parsed, parsed.GetValue(silos)) with
            {
                Compared = comparison => compared = comparison,
            };
            var settings = cluster.Read(parsed);
            if (settings is null && parsed.GetValue(detach))
            {
                throw new BadInputException("--detach needs --cluster: silos of this process end with it.");
            }

            if (!parsed.GetValue(dashboard))
            {
                serving.RequireNone(parsed);
            }

            // 1. Read and check everything before anything starts.
            var run = RunFileReader.Read(parsed.GetValue(file)!, parsed.GetValue(set) ?? []);
            InputCheck.Check(run, Arms.Of(run, output: "/"));
            RequireSilos(run, settings is null ? machine : null);
            var samples = Samples.Read(run);

            // 2. Run the arms on silos of our own, or have a cluster run them.
            var (output, goesOn) = await earlier.PrepareAsync(
                parsed, parsed.GetValue(folder), run, isOurs: settings is null);
            var arms = Arms.Of(run, output);
            var isJson = parsed.IsJson(format);
            var remarks = isJson ? terminal.Error : terminal.Out;
            remarks.WriteLine(
                $"{run.Name}: {arms.Length} runs, {run.Rounds} rounds, {arms[0].Spec.Users.Length} users, "
                + $"{settings?.ToString() ?? machine.ToString()}");
            var tracer = new GrainTracer();
            await using var server = parsed.GetValue(dashboard)
                ? await DashboardServer.StartAsync(output, serving.Read(parsed), tracer, stop)
                : null;
            if (server is not null)
            {
                remarks.WriteLine($"Dashboard: {server.Address}");
            }

            Task<ImmutableArray<ArmOutcome>> FollowAsync(IGrainFactory grains, bool isOurs) =>
                ProgressViews.WhileAsync(terminal, terminal.IsLive && !isJson, remarks, async view =>
                {
                    var runner = new ArmRunner(grains, view);
                    tracer.Grains = grains;
                    if (goesOn)
                    {
                        damages = await runner.ResumeAsync(run, arms, output, stop);
                    }
                    else
                    {
                        await runner.SubmitAsync(run, arms, output, stop);
                    }

                    try
                    {
                        return parsed.GetValue(detach) ? [] : await runner.FollowAsync(arms, samples, stop);
                    }
                    catch (OperationCanceledException) when (isOurs)
                    {
                        await grains.GetGrain<IRunsGrain>(IRunsGrain.Key).StopAsync(run.Name);
                        throw;
                    }
                    catch (OperationCanceledException)
                    {
                        return [];
                    }
                    catch (Exception failed) when (
                        failed is ExperimentFailedException or UserFailedException or IOException)
                    {
                        throw new ExperimentFailedException(
                            $"{failed.Message.TrimEnd('.')}; what is committed stays, and --resume goes on from there.",
                            failed);
                    }
                    finally
                    {
                        tracer.Grains = null;
                    }
                });

            var outcomes = settings is null
                ? await machine.WithGrainsAsync(
                    run.Base, Path.Combine(output, ResultsFolder.StateName), stop,
                    grains => FollowAsync(grains, isOurs: true))
                : await ClusterClient.WithGrainsAsync(settings, stop, grains => FollowAsync(grains, isOurs: false));

            // 3. Write and show.
            if (outcomes.IsEmpty)
            {
                var watch = $"./comigs watch {run.Name} {cluster.Words(parsed)}";
                terminal.Out.WriteLine(isJson
                    ? Json.WriteLine(new { detached = run.Name, watch })
                    : $"Detached; {run.Name} goes on in {settings}. Come back: {watch}");
                return;
            }

            Conclusion.Draw(
                terminal, isJson, run.Name, output, outcomes, Stopwatch.GetElapsedTime(start),
                settings is null ? new(machine.Precision, compared) : null, damages);
            await (server?.EndAsync() ?? Task.CompletedTask);
        });
        return command;
    }

    /// <param name="machine">Null: a cluster.</param>
    private static void RequireSilos(RunFile run, Machine? machine)
    {
        machine?.RequireSilosFor(run, run.Source);
        if (machine is null && run.Faults.Max(rule => rule.Silo) is { } killed)
        {
            throw new BadInputException(
                $"{run.Source}: 'faults' kills silo {killed}, which is for silos of one process: --silos {killed}, "
                + "without --cluster.");
        }
    }
}
