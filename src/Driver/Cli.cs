using System.CommandLine;
using System.CommandLine.Help;
using CoMiGS.Driver.Benching;
using CoMiGS.Driver.Commands;
using CoMiGS.Driver.Display;
using CoMiGS.Results.RunFiles;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Silo.Clustering;

namespace CoMiGS.Driver;

/// <summary>The command line: 0 done, 1 the run failed or was stopped, 2 bad input. Bad input is one line, no stack
/// trace.</summary>
internal static class Cli
{
    private const int Failed = 1;
    private const int BadInput = 2;

    /// <summary>A silo knows itself when it has to end; this is only the last resort.</summary>
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(SiloCommand.LongestDrainSeconds + 60);

    /// <summary>Parses, runs, and turns every way to fail into a line on <paramref name="error"/> and an exit
    /// code.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        try
        {
            var root = Root(Terminal.Of(output, error));
            var parsed = root.Parse(args);
            if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
            {
                throw new BadInputException(Explain(root, args, parsed));
            }

            return await parsed.InvokeAsync(new()
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = parsed.CommandResult.Command.Name == SiloCommand.Name
                    ? LongestDrain
                    : TimeSpan.FromSeconds(30),
            });
        }
        catch (Exception failed) when (BadInputException.In(failed) is { } bad)
        {
            return Say(bad.Message, BadInput);
        }
        catch (Exception failure) when (failure is ExperimentFailedException or ExperimentInterruptedException
            or UserFailedException or ClusterUnavailableException or UploadRefusedException or BenchFailedException)
        {
            return Say(failure.Message, Failed);
        }
        catch (OperationCanceledException)
        {
            return Say("stopped.", Failed);
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return Say(full.Message, Failed);
        }

        int Say(string message, int code)
        {
            error.WriteLine($"comigs: {message.ReplaceLineEndings(" ")}");
            return code;
        }
    }

    public static RootCommand Root(Terminal terminal) =>
        new("Collaborative fine-tuning with generalists and specialists.")
    {
        RunCommand.Create(terminal),
        SiloCommand.Create(terminal),
        WatchCommands.CreateWatch(terminal),
        WatchCommands.CreateStop(terminal),
        CompareCommand.Create(terminal),
        FaultsCommand.Create(terminal),
        PlanCommand.Create(terminal),
        DashboardCommand.Create(terminal),
        ReportCommand.Create(terminal),
        ReplayCommand.Create(terminal),
        DigestCommand.Create(terminal),
        MethodsCommand.Create(terminal),
        BenchCommand.Create(terminal),
        TokenizerCommands.CreateTokenizer(terminal),
        TokenizerCommands.CreateTokenize(terminal),
        PartitionCommand.CreateData(terminal),
    };

    private static string Explain(RootCommand root, string[] args, ParseResult parsed)
    {
        var words = root.Subcommands.Select(command => command.Name).ToArray();
        return args.Length > 0 && !words.Contains(args[0]) && !args[0].StartsWith('-')
            ? $"'{args[0]}' is not known; did you mean '{Nearest.Of(args[0], [.. words, "demo", "test", "setup"])}'?"
            : parsed.UnmatchedTokens.Count > 0
                ? $"'{parsed.UnmatchedTokens[0]}' is not known here; --help tells what is."
                : parsed.Errors[0].Message;
    }
}
