using System.CommandLine;
using CoMiGS.Driver.Comparing;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Interfaces.Experiments;
using Spectre.Console;

namespace CoMiGS.Driver.Commands;

/// <summary>compare RUN…: methods and runs side by side, over seeds.</summary>
internal static class CompareCommand
{
    public static Command Create(Terminal terminal)
    {
        var runs = new Argument<string[]>("RUN")
        {
            Description = "Run files, which are run as far as their results are not there, or folders of results.",
            Arity = ArgumentArity.OneOrMore,
        };
        var (set, seeds, format) = (CommonOptions.Set(), CommonOptions.Seeds(), CommonOptions.Format());
        var computing = new MachineArguments();
        var silos = CommonOptions.Count("--silos", "Silos in this process.", 1);
        var folder = CommonOptions.Root();
        var command = new Command("compare", "Compare methods and runs over seeds; finished runs are reused.")
        {
            runs, seeds, set, folder, silos, format,
        };
        computing.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var machine = computing.Require(parsed, parsed.GetValue(silos));
            var isJson = parsed.IsJson(format);
            var root = parsed.GetValue(folder) ?? ResultsFolder.Root;

            // 1. Read and check everything before anything starts.
            var wanted = CommonOptions.SeedsOf(parsed.GetValue(seeds));
            var settings = parsed.GetValue(set) ?? [];
            var sources =
                parsed.GetValue(runs)!.Select(path => ComparedSource.Read(path, settings, wanted)).ToArray();
            ComparedSource.CheckTogether(sources, settings, wanted);
            Array.ForEach([.. sources.Select(source => source.File).OfType<RunFile>()],
                file => machine.RequireSilosFor(file, file.Source));

            // 2. Run what is not there yet.
            var output = ResultsFolder.Ready(
                "--out", root, string.Join("-vs-", sources.Select(source => source.Label)));
            var runner = new UnitRunner(terminal, machine, isJson);
            var finished = new List<LabelledRun>();
            foreach (var source in sources)
            {
                var results = source.File is { } file
                    ? await runner.RunAsync(
                        file, source.Seeds, ResultsFolder.Ready("--out", root, file.Name), stop)
                    : [source.Finished!];
                finished.AddRange(results.Select(run => new LabelledRun(source, run)));
            }

            if (finished.Count == 0)
            {
                throw new ExperimentFailedException($"every run failed: {string.Join(" ", runner.Failures)}");
            }

            // 3. Write and show.
            var tables = SeedTable.Of(finished);
            var differences = sources.Length > 1
                ? SettingDifferences.Of(
                    [.. sources.Select(source => (source.Label, source.RunFile))],
                    wanted.IsEmpty ? ["name"] : ["name", "seed"])
                : [];
            var report = new ComparisonReport(tables, differences, [.. finished.Select(run => run.Run.Folder)]);
            Write(output, report, finished);
            Show(terminal, isJson, report, output, sources.Length > 1);
            if (runner.Failures.Count > 0)
            {
                var reasons = string.Join(" ", runner.Failures);
                throw new ExperimentFailedException(
                    $"{runner.Failures.Count} runs failed and are not in the table: {reasons}");
            }
        });
        return command;
    }

    private static void Write(
        string output, ComparisonReport report, IReadOnlyList<LabelledRun> runs)
    {
        AtomicFile.Write(
            Path.Combine(output, "comparison.md"), ComparisonText.Markdown(report.Tables, report.Differences));
        AtomicFile.Write(Path.Combine(output, "comparison.csv"), ComparisonText.Csv(runs));
        AtomicFile.Write(Path.Combine(output, "comparison.svg"), ComparisonPicture.Write(report.Tables));
        AtomicFile.Write(Path.Combine(output, "comparison.json"), Json.Write(report) + "\n");
    }

    private static void Show(Terminal terminal, bool isJson, ComparisonReport report, string output, bool several)
    {
        if (isJson)
        {
            terminal.Out.WriteLine(Json.Write(report));
            return;
        }

        foreach (var table in report.Tables)
        {
            terminal.Console.Write(TableOf(table));
        }

        if (several)
        {
            terminal.Out.WriteLine(report.Differences.IsEmpty
                ? "The settings are the same."
                : "Settings that differ:");
        }

        foreach (var line in report.Differences)
        {
            terminal.Out.WriteLine($"  {line}");
        }

        terminal.Out.WriteLine(
            $"Table, figures and picture are in {ResultsFolder.Shown(output)}: comparison.md, .csv, .json and .svg.");
    }

    private static Table TableOf(SeedTable seeds)
    {
        var table = new Table().Border(TableBorder.Simple)
            .Title(Markup.Escape($"Test perplexity, target: {seeds.Target}"));
        foreach (var (column, heading) in ComparisonText.Headings(seeds).Index())
        {
            var cells = new TableColumn(Markup.Escape(heading));
            table.AddColumn(column == 0 ? cells : cells.RightAligned());
        }

        var lowest = seeds.LowestMean();
        foreach (var row in seeds.Rows)
        {
            table.AddRow([.. ComparisonText.Cells(row).Select((cell, column) =>
                column == 1 && row.Mean.Mean == lowest ? $"[bold]{Markup.Escape(cell)}[/]" : Markup.Escape(cell))]);
        }

        return table;
    }
}
