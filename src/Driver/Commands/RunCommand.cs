using System.CommandLine;
using System.Diagnostics;
using CoMiGS.Driver.Display;
using CoMiGS.Driver.Results;
using CoMiGS.Driver.RunFiles;
using CoMiGS.Driver.Running;

namespace CoMiGS.Driver.Commands;

/// <summary>run FILE: a run file from its first byte to its report.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = CommonOptions.RunFile();
        var (set, folder, device, format) =
            (CommonOptions.Set(), CommonOptions.Out(), CommonOptions.Device(), CommonOptions.Format());
        var threads = CommonOptions.Threads();
        var silos = CommonOptions.Count("--silos", "Silos in this process.", 1);
        var command = new Command("run", "Run an experiment.") { file, set, folder, threads, silos, device, format };
        command.SetAction(async (parsed, stop) =>
        {
            var start = Stopwatch.GetTimestamp();
            var machine = new Machine(parsed.RequireDevice(device), parsed.GetValue(threads), parsed.GetValue(silos));

            // 1. Read and check everything before anything starts.
            var run = RunFileReader.Read(parsed.GetValue(file)!, parsed.GetValue(set) ?? []);
            InputCheck.Check(run, Arms.Of(run, output: "/"));
            var samples = Samples.Read(run);

            // 2. Run the arms on silos of our own.
            var output = ResultsFolder.Prepare(parsed.GetValue(folder), run.Name, YamlWriter.Write(run));
            var arms = Arms.Of(run, output);
            var isJson = parsed.IsJson(format);
            var remarks = isJson ? terminal.Error : terminal.Out;
            remarks.WriteLine(
                $"{run.Name}: {arms.Length} runs, {run.Rounds} rounds, {run.Users.Length} users, {machine}");
            var outcomes = await machine.WithGrainsAsync(run.Base, Path.Combine(output, "state"), stop, grains =>
                ProgressViews.WhileAsync(terminal, terminal.IsLive && !isJson, remarks, view =>
                    new ArmRunner(grains, view).RunAsync(arms, samples, stop)));

            // 3. Write and show.
            var elapsed = Stopwatch.GetElapsedTime(start);
            var summary = Summary.Of(run.Name, outcomes, elapsed.TotalSeconds);
            AtomicFile.Write(Path.Combine(output, "summary.json"), Json.Write(summary) + "\n");
            AtomicFile.Write(Path.Combine(output, "report.html"), Report.Write(summary, outcomes));
            if (isJson)
            {
                terminal.Out.WriteLine(Json.Write(summary));
                return;
            }

            ResultTables.Show(terminal, outcomes);
            terminal.Out.WriteLine(
                $"Took {Figures.Duration(elapsed)}; results are in {ResultsFolder.Shown(output)}.");
        });
        return command;
    }
}
