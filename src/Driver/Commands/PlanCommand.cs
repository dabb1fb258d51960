using System.CommandLine;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using Spectre.Console;

namespace CoMiGS.Driver.Commands;

/// <summary>plan FILE: what a run file means and costs.</summary>
internal static class PlanCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = CommonOptions.RunFile();
        var (set, format, threads) = (CommonOptions.Set(), CommonOptions.Format(), CommonOptions.Threads());
        var command = new Command("plan", "What a run file means and what it will cost, without running it.")
        {
            file, set, threads, format,
        };
        command.SetAction(parsed =>
        {
            var run = RunFileReader.Read(parsed.GetValue(file)!, parsed.GetValue(set) ?? []);
            var plan = Plan.Of(
                run, InputCheck.Check(run, Arms.Of(run, output: "/")), parsed.GetValue(threads));
            if (parsed.IsJson(format))
            {
                terminal.Out.WriteLine(Json.Write(plan));
                return;
            }

            terminal.Out.Write(plan.Resolved);
            Show(terminal, plan);
        });
        return command;
    }

    private static void Show(Terminal terminal, Plan plan)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns(
                "run", "user", "experts", "train tokens", "parameters", "shared", "sent per round", "state");
        foreach (var arm in plan.Arms)
        {
            // Users of a population are alike: one row for all of them.
            foreach (var alike in arm.Users.GroupBy(user => user with { Id = "" }))
            {
                var (user, others) = (alike.First(), alike.Count() - 1);
                table.AddRow(
                    Markup.Escape(arm.Arm), Markup.Escape(others == 0 ? user.Id : $"{user.Id} and {others} more"),
                    $"{user.Experts}", Figures.Count(user.TrainTokens),
                    Figures.Count(user.Parameters), Figures.Count(user.SharedParameters),
                    Figures.Bytes(user.BytesSentPerRound), Figures.Bytes(user.StateBytes));
            }
        }

        terminal.Console.Write(table);
        DeviceTables.Show(terminal, plan);
        foreach (var arm in plan.Arms)
        {
            terminal.Out.WriteLine(
                $"{arm.Arm}: {Figures.Count(arm.TokensPerRound)} tokens and "
                + $"{Figures.Bytes(arm.BytesSentPerRound)} sent per round; users' states take at most "
                + $"{Figures.Bytes(arm.StateBytes)} on disk{Saved(arm)}, the trainer at most "
                + $"{Figures.Bytes(arm.TrainerBytes)} in memory.");
            if (arm.Server is { } rule)
            {
                terminal.Out.WriteLine($"{arm.Arm}: the server sends {rule}.");
            }
        }

        terminal.Out.WriteLine(
            $"Base model: {Figures.Count(plan.BaseParameters)} parameters, "
            + $"{Figures.Bytes(plan.BaseBytes)}, in memory once.");
    }

    private static string Saved(PlannedArm arm) =>
        arm.StateBytesSaved > 0 ? $" ({Figures.Bytes(arm.StateBytesSaved)} less than with float32 moments)" : "";
}
