using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using CoMiGS.Driver.Comparing;
using CoMiGS.Driver.Display;
using CoMiGS.Driver.Twins;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using Spectre.Console;

namespace CoMiGS.Driver.Commands;

/// <summary>faults RUN: what the faults of a run did, beside its twin without them.</summary>
internal static class FaultsCommand
{
    /// <summary>Users and faults shown on a terminal; the files have all of them.</summary>
    private const int MostShown = 20;

    public static Command Create(Terminal terminal)
    {
        var source = new Argument<string>("RUN")
        {
            Description = "A run file with faults, which is run as far as its results are not there, or its results.",
        };
        var (set, seeds, format) = (CommonOptions.Set(), CommonOptions.Seeds(), CommonOptions.Format());
        var folder = CommonOptions.Root();
        var computing = new MachineArguments();
        var silos = CommonOptions.Count("--silos", "Silos in this process.", 1);
        var command = new Command("faults", "Show what went wrong in a run and what it cost, beside a run without.")
        {
            source, seeds, set, folder, silos, format,
        };
        computing.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var machine = computing.Require(parsed, parsed.GetValue(silos));
            var isJson = parsed.IsJson(format);
            var root = parsed.GetValue(folder) ?? ResultsFolder.Root;

            // 1. Read and check everything before anything starts.
            var path = parsed.GetValue(source)!;
            var wanted = CommonOptions.SeedsOf(parsed.GetValue(seeds));
            var settings = parsed.GetValue(set) ?? [];
            var run = ComparedSource.Read(path, settings, wanted);
            ComparedSource.CheckTogether([run], settings, wanted);
            var file = (run.File ?? RunFileReader.ReadResolved(run.RunFile, path)) with { Baselines = [] };
            var twin = FaultFreeTwin.Of(file, path);
            ImmutableArray<ulong> each = run.File is null ? [file.Seed] : run.Seeds;
            RunUnit.RequireNames(twin, each, file.Name);
            machine.RequireSilosFor(file, path);
            if (run.Finished is { } before)
            {
                RequireSameInputs(before.Folder, RunOrigin.Of(file, []));
            }

            // 2. Run what is not there yet, the run and its twin.
            var output = run.Finished is { } there
                ? ResultsFolder.Ready(source.Name, there.Folder, "")
                : ResultsFolder.Ready("--out", root, file.Name);
            var twinOutput = ResultsFolder.Ready("--out", root, twin.Name);
            var runner = new UnitRunner(terminal, machine, isJson);
            var finished = run.Finished is { } results
                ? [results]
                : await runner.RunAsync(file, each, output, stop);
            var twins = await runner.RunAsync(twin, each, twinOutput, stop);
            var pairs = finished.Join(
                twins, one => one.Summary.Seed, other => other.Summary.Seed, (one, other) => (one, other)).ToList();
            if (pairs.Count == 0)
            {
                throw new ExperimentFailedException($"no run has both ended: {string.Join(" ", runner.Failures)}");
            }

            // 3. Write and show.
            var report = TwinComparison.Of(file.Name, pairs);
            AtomicFile.Write(Path.Combine(output, "faults.json"), Json.Write(report) + "\n");
            AtomicFile.Write(Path.Combine(output, "faults.csv"), Csv(report));
            AtomicFile.Write(Path.Combine(output, "faults.svg"), TwinPicture.Write(report));
            Show(terminal, isJson, report, output);
            if (runner.Failures.Count > 0)
            {
                throw new ExperimentFailedException(
                    $"{runner.Failures.Count} runs failed and are not in the tables: "
                    + string.Join(" ", runner.Failures));
            }
        });
        return command;
    }

    /// <exception cref="BadInputException">The twin would learn from something else than the run did.</exception>
    private static void RequireSameInputs(string folder, RunOrigin origin)
    {
        if (ResultsFolder.ChangedInput(folder, origin) is { } changed)
        {
            throw new BadInputException(
                $"{changed} is not the file that the run in {ResultsFolder.Shown(folder)} read, so a twin of it cannot "
                + "be run; put that file back, or run both anew from the run file.");
        }
    }

    private static string Csv(TwinComparison report) => string.Concat(CsvText.Lines(
        ["seed", "round", "user", "kind", "detected", "seconds"],
        report.Faults.Select(fault => new object?[]
        {
            fault.Seed, fault.Round, fault.User, fault.Kind, fault.Detected,
            fault.Seconds?.ToString("0.######", CultureInfo.InvariantCulture),
        })));

    private static void Show(Terminal terminal, bool isJson, TwinComparison report, string output)
    {
        if (isJson)
        {
            terminal.Out.WriteLine(Json.Write(report));
            return;
        }

        terminal.Console.Write(KindTable(report));
        terminal.Console.Write(UserTable(report));
        terminal.Out.WriteLine(
            $"Mean test perplexity {report.Perplexity}, without faults {report.TwinPerplexity}: "
            + $"{report.Lost.Signed()}.");
        terminal.Out.WriteLine(
            $"Every fault, the loss over rounds and a picture are in {ResultsFolder.Shown(output)}: "
            + "faults.csv, .json and .svg.");
    }

    private static Table KindTable(TwinComparison report)
    {
        var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape($"Faults of {report.Name}"))
            .AddColumns(
                new TableColumn("kind"), new TableColumn("happened").RightAligned(),
                new TableColumn("noticed").RightAligned(), new TableColumn("after").RightAligned(),
                new TableColumn("how"));
        foreach (var kind in report.Kinds)
        {
            table.AddRow(
                kind.Kind, Figures.Count(kind.Count), Figures.Count(kind.Detected),
                double.IsNaN(kind.MedianSeconds) ? "-" : $"{Figures.Seconds(kind.MedianSeconds)} s",
                Markup.Escape(string.Join("; ", kind.How)));
        }

        return table;
    }

    private static Table UserTable(TwinComparison report)
    {
        var worst = report.Users.OrderByDescending(user => user.Perplexity - user.TwinPerplexity).Take(MostShown);
        var title = report.Users.Length > MostShown
            ? $"Test perplexity at the end, the {MostShown} users it cost most"
            : "Test perplexity at the end";
        var table = new Table().Border(TableBorder.Simple).Title(title).AddColumns(
            new TableColumn("user"), new TableColumn("rounds missed").RightAligned(),
            new TableColumn("with faults").RightAligned(), new TableColumn("without").RightAligned(),
            new TableColumn("difference").RightAligned());
        foreach (var user in worst)
        {
            table.AddRow(
                Markup.Escape(user.Id), Figures.Count(user.RoundsMissed), Figures.Perplexity(user.Perplexity),
                Figures.Perplexity(user.TwinPerplexity),
                Spread.Of([user.Perplexity - user.TwinPerplexity]).Signed());
        }

        return table;
    }
}
