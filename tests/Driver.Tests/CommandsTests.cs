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

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
}
