using Spectre.Console;

namespace CoMiGS.Driver.Benching;

/// <summary>All figures as one table.</summary>
internal static class BenchTable
{
    public static Table Of(IEnumerable<BenchFigure> figures)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("part", "what")
            .AddColumn(new TableColumn("median").RightAligned())
            .AddColumn(new TableColumn("least – most").RightAligned())
            .AddColumns("", "");
        foreach (var figure in figures)
        {
            table.AddRow(
                figure.Part, Markup.Escape(figure.What), Readings.Text(figure.Value.Median), figure.Value.Spread,
                figure.Unit, Markup.Escape(figure.Remark));
        }

        return table;
    }
}
