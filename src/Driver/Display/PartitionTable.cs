using CoMiGS.Learning.Data.Partitioning;
using Spectre.Console;
using Figures = CoMiGS.Results.Figures;

namespace CoMiGS.Driver.Display;

/// <summary>Who got what of a corpus.</summary>
internal static class PartitionTable
{
    private const int ShownUsers = 40;
    private const int ShownLabels = 4;

    public static void Write(Terminal terminal, string folder, PartitionSummary summary)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("user", "documents", "train", "valid", "test tokens", "labels");
        foreach (var column in table.Columns.Skip(1).SkipLast(1))
        {
            column.RightAligned();
        }

        foreach (var user in summary.Users.Take(ShownUsers))
        {
            table.AddRow(
                new Text(user.User), Number(user.Documents), Number(user.Tokens.Train), Number(user.Tokens.Valid),
                Number(user.Tokens.Test), new Text(Labels(user)));
        }

        terminal.Console.Write(table);
        Say(summary.Users.Length > ShownUsers, $"{ShownUsers} of {summary.Users.Length} users; --format json has all.");
        Say(summary.RepeatedDocuments > 0,
            $"Left out: {summary.RepeatedDocuments} documents whose text stood in the input before.");
        Say(summary.DroppedUsers.Length > 0, $"Left out: {summary.DroppedUsers.Length} users with too little text.");
        terminal.Out.WriteLine($"{folder}: {summary.Users.Length} users, "
            + $"{Figures.Count(summary.Users.Sum(user => (double)user.Documents))} documents.");

        void Say(bool holds, string sentence)
        {
            if (holds)
            {
                terminal.Out.WriteLine(sentence);
            }
        }
    }

    private static Text Number(int number) => new(Figures.Count(number));

    /// <summary>The most frequent ones.</summary>
    private static string Labels(UserSummary user)
    {
        var shown = user.LabelShares.OrderByDescending(label => label.Value).Take(ShownLabels)
            .Select(label => $"{label.Key} {Figures.Percent(label.Value)}");
        return string.Join(", ", shown) + (user.LabelShares.Count > ShownLabels ? ", …" : "");
    }
}
