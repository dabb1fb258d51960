using System.CommandLine;
using CoMiGS.Driver.Display;
using CoMiGS.Driver.Results;
using CoMiGS.Learning.Methods;
using Spectre.Console;

namespace CoMiGS.Driver.Commands;

/// <summary>methods: what a run file can name.</summary>
internal static class MethodsCommand
{
    public static Command Create(Terminal terminal)
    {
        var format = CommonOptions.Format();
        var command = new Command("methods", "The methods a run file can name.") { format };
        command.SetAction(parsed =>
        {
            if (parsed.IsJson(format))
            {
                terminal.Out.WriteLine(Json.Write(MethodCatalog.All));
                return;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("method", "shares", "router", "");
            foreach (var method in MethodCatalog.All)
            {
                table.AddRow(
                    method.Name, method.Sharing.ToString().ToLowerInvariant(), RouterOf(method.Router), method.Summary);
            }

            terminal.Console.Write(table);
        });
        return command;
    }

    private static string RouterOf(RouterMode mode) => mode switch
    {
        RouterMode.None => "none",
        RouterMode.Joint => "with the experts",
        RouterMode.AlternatingOnValid => "on valid",
        RouterMode.AlternatingOnTrain => "on fresh train",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Unknown router mode."),
    };
}
