using System.CommandLine;
using CoMiGS.Driver.Display;

namespace CoMiGS.Driver.Tests;

public sealed class CommandsTests
{
    [Fact]
    public void Commands_All_SpeakJson()
    {
        var root = Cli.Root(Terminal.Of(TextWriter.Null, TextWriter.Null));

        var mute = Leaves(root).Where(command => command.Options.All(option => option.Name != "--format"));

        Assert.Empty(mute.Select(command => command.Name));
    }

    [Fact]
    public async Task Help_Anywhere_CallsTheProgramByItsName()
    {
        Assert.Contains("  comigs [command]", (await Workspace.RunAsync("--help")).Output, StringComparison.Ordinal);
        Assert.Contains("  comigs run <FILE>", (await Workspace.RunAsync("run", "--help")).Output,
            StringComparison.Ordinal);
        Assert.Equal(0, (await Workspace.RunAsync("--version")).ExitCode);
    }

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
}
