using System.Collections.Immutable;
using CoMiGS.Learning.Data;

namespace CoMiGS.Results.RunFiles;

/// <summary>Where the texts of a run file lie. Users of one folder get the same list, not each its own: they may be
/// many.</summary>
internal sealed class ShardPaths(RunFile file)
{
    private readonly ImmutableArray<string> folders = Population.Folders(file);

    private readonly Dictionary<(string Folder, string Target, Split Split), ImmutableArray<string>> known = [];

    /// <param name="folder">A user's.</param>
    /// <param name="target">Own: of this folder; mixture: of every folder of the run.</param>
    public ImmutableArray<string> Of(string folder, string target, Split split)
    {
        var whose = target == RunFile.OwnTarget ? folder : "";
        if (!known.TryGetValue((whose, target, split), out var paths))
        {
            paths = target == RunFile.OwnTarget
                ? [Path(folder, split)]
                : [.. folders.Select(other => Path(other, split))];
            known.Add((whose, target, split), paths);
        }

        return paths;
    }

    private string Path(string folder, Split split) =>
        System.IO.Path.Combine(file.Data.Folder, folder, Dataset.FileOf(split));
}
