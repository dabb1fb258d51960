using System.CommandLine;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
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
                terminal.Out.WriteLine(Json.Write(MethodCatalog.All.Select(method => new
                {
                    method.Name,
                    method.Summary,
                    method.Sharing,
                    method.Router,
                    method.Experts,
                    method.Aggregation,
                    method.Reception,
                    method.TrainsOnValid,
                    example = ExampleTraffic.Setting,
                    exampleBytesPerRound = BytesOf(method),
                })));
                return;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("method", "shares", "sends", "router", "");
            foreach (var method in MethodCatalog.All)
            {
                table.AddRow(
                    method.Name, WhatIsShared(method), Figures.Bytes(BytesOf(method)),
                    RouterOf(method.Router), method.Summary);
            }

            terminal.Console.Write(table);
            terminal.Out.WriteLine(
                $"Sends: a user in a round; {ExampleTraffic.Setting}. ./comigs plan FILE tells yours.");
        });
        return command;
    }

    private static long BytesOf(Method method) => sizeof(float) * (long)ExampleTraffic.ParametersPerRound(method);

    private static string WhatIsShared(Method method) => method.Sharing switch
    {
        _ when method.PoolsData => "the text",
        Sharing.FactorA => "A",
        Sharing.FactorB => "B",
        var sharing => sharing.ToString().ToLowerInvariant(),
    };

    private static string RouterOf(RouterMode mode) => mode switch
    {
        RouterMode.None => "none",
        RouterMode.Joint => "with the experts",
        RouterMode.AlternatingOnValid => "on valid",
        RouterMode.AlternatingOnTrain => "on fresh train",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Unknown router mode."),
    };
}
