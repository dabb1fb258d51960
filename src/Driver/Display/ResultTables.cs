using System.Collections.Immutable;
using CoMiGS.Driver.Running;
using CoMiGS.Results;
using Spectre.Console;

namespace CoMiGS.Driver.Display;

/// <summary>What a finished run has to show, on a terminal or in a file.</summary>
internal static class ResultTables
{
    public static void Show(Terminal terminal, Summary summary, ImmutableArray<ArmOutcome> outcomes)
    {
        foreach (var comparison in Comparison.Of(summary))
        {
            terminal.Console.Write(Perplexities(comparison));
        }

        foreach (var outcome in outcomes.Where(outcome => outcome.Arm.Method.Name == outcomes[0].Arm.Method.Name))
        {
            ShowShares(terminal, outcome);
        }

        ShowTraces(terminal, outcomes[0]);
        terminal.Out.WriteLine(Verdict.Of(summary));
    }

    /// <summary>The lowest of a column in bold.</summary>
    private static Table Perplexities(Comparison comparison)
    {
        var table = new Table().Border(TableBorder.Simple)
            .Title(Markup.Escape($"Perplexity, target: {comparison.Target}"))
            .AddColumn("method");
        foreach (var heading in comparison.Headings)
        {
            table.AddColumn(new TableColumn(Markup.Escape(heading)).RightAligned());
        }

        var lowest = comparison.Lowest();
        foreach (var row in comparison.Rows)
        {
            table.AddRow([
                Markup.Escape(row.Name),
                .. comparison.Cells(row).Zip(lowest, (figure, best) =>
                    figure == best ? $"[bold]{Figures.Perplexity(figure)}[/]" : Figures.Perplexity(figure))]);
        }

        return table;
    }

    private static void ShowShares(Terminal terminal, ArmOutcome outcome)
    {
        var target = outcome.Arm.Targets[0];
        var users = outcome.On(target).Where(user => !user.On.GeneralistShare.IsEmpty).ToArray();
        if (users.Length == 0)
        {
            return;
        }

        var table = new Table().Border(TableBorder.Simple)
            .Title(Markup.Escape(
                $"Tokens whose first expert is the generalist, {outcome.Arm.Method.Name}, target: {target}"))
            .AddColumn("user");
        for (var block = 1; block <= users[0].On.GeneralistShare.Length; block++)
        {
            table.AddColumn(new TableColumn($"block {block}").RightAligned());
        }

        foreach (var (user, on) in users)
        {
            table.AddRow([Markup.Escape(user.Id), .. on.GeneralistShare.Select(Figures.Percent)]);
        }

        terminal.Console.Write(table);
    }

    private static void ShowTraces(Terminal terminal, ArmOutcome outcome)
    {
        var traces = outcome.Traces.Where(trace => !trace.Trace.FirstExperts.IsEmpty).ToArray();
        if (traces.Length == 0)
        {
            return;
        }

        terminal.Console.MarkupLine(TraceText.Legend(terminal.HasColour));
        foreach (var (user, trace) in traces)
        {
            var last = trace.FirstExperts.Length - 1;
            foreach (var block in new[] { 0, last }.Distinct())
            {
                var name = Markup.Escape($"{user}, block {block + 1}:");
                var text = TraceText.Of(trace.Tokens, trace.FirstExperts[block], terminal.HasColour);
                terminal.Console.MarkupLine($"{name} {text}");
            }
        }

        terminal.Console.WriteLine();
    }
}
