using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
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

            RequireValues(parsed.CommandResult);
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
            return Say(Again(args) is { } again ? $"stopped; {again} goes on." : "stopped.", Failed);
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

    public static Command Root(Terminal terminal) =>
        new("comigs", "Collaborative fine-tuning with generalists and specialists.")   // whatever the program's file is
    {
        new HelpOption(),
        new VersionOption(),
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

    /// <summary>The command that goes on with a run. A connection string may hold a password.</summary>
    private static string? Again(string[] args) =>
        args is not [RunCommand.Name, ..] || args.Any(word => word.StartsWith("--connection", StringComparison.Ordinal))
            ? null
            : string.Join(' ', args.Where(word => word is not ("--restart" or "--resume")).Append("--resume")
                .Select(ShellWord.Of).Prepend("./comigs"));

    /// <summary>No word means anything when it is empty, a path least of all.</summary>
    private static void RequireValues(CommandResult command)
    {
        foreach (var given in command.Children.Where(child =>
            child.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value))))
        {
            var name = given is OptionResult option ? option.Option.Name : ((ArgumentResult)given).Argument.Name;
            throw new BadInputException(
                $"{name} is '{given.Tokens.First(token => string.IsNullOrWhiteSpace(token.Value)).Value}', "
                + "but must not be empty.");
        }
    }

    private static string Explain(Command root, string[] args, ParseResult parsed)
    {
        var words = root.Subcommands.Select(command => command.Name).ToArray();
        return args.Length > 0 && !words.Contains(args[0]) && !args[0].StartsWith('-')
            ? $"'{args[0]}' is not known; did you mean '{Nearest.Of(args[0], [.. words, "demo", "test", "setup"])}'?"
            : parsed.UnmatchedTokens.Count > 0
                ? $"'{parsed.UnmatchedTokens[0]}' is not known here; --help tells what is."
                : parsed.Errors[0].Message;
    }
}
