using System.Collections.Immutable;
using System.Globalization;

namespace CoMiGS.Driver.RunFiles;

/// <summary>The users of a run file one by one: an entry with a count stands for that many users, who share one
/// folder's train text out among themselves.</summary>
internal static class Population
{
    /// <returns>In order of id. Every user has its folder, and its share of the train text with the place where it
    /// begins: n users of one entry begin evenly spread, so with the default share of 1/n nobody has what another
    /// one has.</returns>
    public static ImmutableArray<UserEntry> Of(RunFile file) =>
        [.. file.Users.SelectMany(Expand).OrderBy(user => user.Id, StringComparer.Ordinal)];

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
