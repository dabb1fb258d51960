using System.CommandLine;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Replay;
using Spectre.Console;

namespace CoMiGS.Driver.Commands;

/// <summary>replay DIR…: our numbers against recorded ones. Exit code 1 when any is over its tolerance.</summary>
internal static class ReplayCommand
{
    public static Command Create(Terminal terminal)
    {
        var folders = new Argument<string[]>("DIR")
        {
            Description = "Folders with run.json and tensors.safetensors.",
            Arity = ArgumentArity.OneOrMore,
        };
        var (computing, format) = (new MachineArguments(), CommonOptions.Format());
        var command = new Command("replay", "Replay recorded runs and show the largest difference.")
        {
            folders, format,
        };
        computing.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var machine = computing.Require(parsed);
            var reports = new List<ReplayReport>();
            foreach (var folder in parsed.GetValue(folders)!)
            {
                reports.Add(await machine.WithTrainersAsync(create => Replayer.RunAsync(folder, create, stop)));
            }

            if (parsed.IsJson(format))
            {
                terminal.Out.WriteLine(Json.Write(reports));
            }
            else
            {
                terminal.Console.Write(Table(reports));
                if (machine.Precision != FloatType.Float32)
                {
                    terminal.Out.WriteLine("The tolerances are float32's; a base in bfloat16 does not keep them.");
                }
            }

            return reports.All(report => report.Passed) ? 0 : 1;
        });
        return command;
    }

    private static Table Table(IEnumerable<ReplayReport> reports)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("recording", "what", "tensors", "largest difference", "tolerance", "in tensor", "");
        foreach (var report in reports)
        {
            foreach (var difference in report.Differences)
            {
                table.AddRow(
                    Markup.Escape(Path.GetFileName(Path.TrimEndingDirectorySeparator(report.Folder))), difference.Kind,
                    $"{difference.TensorCount}", Figures.Relative(difference.Largest),
                    Figures.Relative(difference.Tolerance),
                    Markup.Escape(difference.Tensor), difference.IsWithinTolerance ? "ok" : "[bold]over[/]");
            }
        }

        return table;
    }
}
