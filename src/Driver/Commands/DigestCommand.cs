using System.CommandLine;
using CoMiGS.Driver.Comparing;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Learning;
using CoMiGS.Silo.Storage;

namespace CoMiGS.Driver.Commands;

/// <summary>digest RESULTS: SHA-256 of everything that a run's last committed round left behind. Two runs that learned
/// the same have the same lines.</summary>
internal static class DigestCommand
{
    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("RESULTS") { Description = "Folder of a run's results." };
        var command = new Command("digest", "Checksums of generalists and users after the last committed round.")
        {
            folder,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var results = Path.GetFullPath(parsed.GetValue(folder)!);
            if (!FinishedRun.IsResults(results))
            {
                throw new BadInputException($"{results} is no folder with the results of a run.");
            }

            var file = Path.Combine(results, ResultsFolder.RunFileName);
            var run = RunFileReader.ReadResolved(InputFile.ReadText(file), file);
            var saved = StateFolder.Open(Path.Combine(results, ResultsFolder.StateName));
            foreach (var arm in Arms.Of(run, results))
            {
                foreach (var (name, hash) in await saved.HashesAsync(arm.Spec, stop))
                {
                    terminal.Out.WriteLine($"{hash}  {name}");
                }
            }
        });
        return command;
    }
}
