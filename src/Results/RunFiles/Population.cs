using System.Collections.Immutable;
using System.Globalization;
using CoMiGS.Learning;
using CoMiGS.Learning.Data;

namespace CoMiGS.Results.RunFiles;

/// <summary>The users of a run file one by one: an entry with a count stands for that many users, who share one
/// folder's train text out among themselves, and one with the id * for every user of the dataset.</summary>
internal static class Population
{
    /// <summary>Id of an entry that stands for every user of the dataset.</summary>
    public const string Everybody = "*";

    /// <returns>In order of id. Every user has its folder, and its share of the train text with the place where it
    /// begins: n users of one entry begin evenly spread, so with the default share of 1/n nobody has what another
    /// one has.</returns>
    /// <exception cref="BadInputException">Every user is wanted, but the dataset's manifest cannot be read.</exception>
    public static ImmutableArray<UserEntry> Of(RunFile file) =>
    [
        .. file.Users.SelectMany(entry => entry.Id == Everybody ? EachOf(file, entry) : [entry])
            .SelectMany(Expand).OrderBy(user => user.Id, StringComparer.Ordinal),
    ];

    /// <summary>The folders that hold the users' texts, in order.</summary>
    public static ImmutableArray<string> Folders(RunFile file) =>
        [.. Of(file).Select(user => user.Data!).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<UserEntry> EachOf(RunFile file, UserEntry entry) =>
        Dataset.Open(file.Data.Folder).Users.Select(user => entry with { Id = user });

    private static IEnumerable<UserEntry> Expand(UserEntry entry)
    {
        var share = entry.Share ?? (1.0 / entry.Count);
        var user = entry with { Data = entry.Data ?? entry.Id, Share = share, Count = 1 };
        if (entry.Count == 1)
        {
            return [user];
        }

        var digits = entry.Count.ToString(CultureInfo.InvariantCulture).Length;
        return Enumerable.Range(0, entry.Count).Select(index => user with
        {
            Id = $"{entry.Id}-{(index + 1).ToString($"D{digits}", CultureInfo.InvariantCulture)}",
            Start = (1 - share) * index / (entry.Count - 1),
        });
    }
}
