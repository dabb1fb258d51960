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
        var (folder, format) = (CommonOptions.Results(), CommonOptions.Format());
        var command = new Command("digest", "Checksums of generalists and users after the last committed round.")
        {
            folder,
            format,
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
            var hashes = new List<(string Name, string Hash)>();
            foreach (var arm in Arms.Of(run, results))
            {
                hashes.AddRange(await saved.HashesAsync(arm.Spec, stop));
            }

            terminal.Out.WriteLine(parsed.IsJson(format)
                ? Json.Write(hashes.Select(state => new { sha256 = state.Hash, state.Name }))
                : string.Join(Environment.NewLine, hashes.Select(state => $"{state.Hash}  {state.Name}")));
        });
        return command;
    }
}
