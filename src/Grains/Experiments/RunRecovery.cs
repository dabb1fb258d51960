using System.Collections.Concurrent;
using System.Collections.Immutable;
using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Storage;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;

namespace CoMiGS.Grains.Experiments;

/// <summary>What a run can go on from.</summary>
/// <param name="Manifest">Null: none is whole.</param>
/// <param name="Remarks">A sentence for each file that newer manifests lack.</param>
/// <param name="IsNew">There is no manifest at all.</param>
internal sealed record Recovery(RunProgress? Manifest, ImmutableArray<string> Remarks, bool IsNew);

/// <summary>Looks for the newest manifest whose every file is there and matches its checksum: the states of all users,
/// the generalists, the reports so far. Reads all of them, several at a time; a file that several manifests name,
/// once.</summary>
internal sealed class RunRecovery(string experiment, ImmutableArray<UserSpec> users, IBlobStore blobs)
{
    private const int RemarksOfAManifest = 5;

    private readonly ConcurrentDictionary<string, string?> problems = [];   // by name; null: whole

    /// <param name="rounds">Committed, as far as is known; what is newer does not count.</param>
    public async Task<Recovery> FindAsync(int? rounds, CancellationToken stop)
    {
        var stored = await blobs.ListNumbersAsync(BlobNames.Manifests(experiment));
        int[] candidates = [.. stored.Where(number => number <= (rounds ?? int.MaxValue))
            .Union(rounds is { } newest ? [newest] : []).OrderDescending()];
        var remarks = new List<string>();
        foreach (var candidate in candidates)
        {
            var (manifest, lacks) = await CheckAsync(candidate, stop);
            if (lacks.Count == 0)
            {
                return new(manifest, [.. remarks.Distinct()], IsNew: false);
            }

            remarks.AddRange(lacks.Take(RemarksOfAManifest));
            if (lacks.Count > RemarksOfAManifest)
            {
                remarks.Add($"{lacks.Count - RemarksOfAManifest} further files of the manifest of "
                    + $"{candidate} rounds are damaged or missing.");
            }
        }

        return new(null, [.. remarks.Distinct()], IsNew: candidates.Length == 0);
    }

    private async Task<(RunProgress? Manifest, IReadOnlyList<string> Lacks)> CheckAsync(
        int rounds, CancellationToken stop)
    {
        var (manifest, problem) = await ReadAsync(rounds, stop);
        if (manifest is null)
        {
            return (null, [problem!]);
        }

        string[] names = [.. NamesIn(manifest)];
        await Parallel.ForEachAsync(
            names.Where(name => !problems.ContainsKey(name)), stop,
            async (name, stop) => problems[name] = await ProblemAsync(name, stop));
        return (manifest, [.. names.Select(name => problems[name]).OfType<string>()]);
    }

    private async Task<(RunProgress? Manifest, string? Problem)> ReadAsync(int rounds, CancellationToken stop)
    {
        var name = BlobNames.Manifest(experiment, rounds);
        try
        {
            return await blobs.ReadAsync(name, stop) is { } bytes
                ? (Json.FromBytes<RunProgress>(bytes, blobs.Where(name)), null)
                : (null, Missing(name));
        }
        catch (BadInputException damaged)
        {
            return (null, damaged.Message);
        }
    }

    /// <summary>What a manifest names of what was learned: users' states and the generalists.</summary>
    public static IEnumerable<string> StatesIn(
        RunProgress manifest, string experiment, ImmutableArray<UserSpec> users) =>
    [
        .. users.Select((user, index) => (user.Id, Version: manifest.VersionOf(index)))
            .Where(user => user.Version >= 0)
            .Select(user => BlobNames.User(experiment, user.Id, user.Version)),
        .. manifest.Generalist is { } hash ? [BlobNames.Generalists(experiment, hash)] : Array.Empty<string>(),
    ];

    private IEnumerable<string> NamesIn(RunProgress manifest) =>
    [
        .. StatesIn(manifest, experiment, users),
        .. Enumerable.Range(0, manifest.NextRound).Select(round => BlobNames.Report(experiment, round)),
    ];

    private async Task<string?> ProblemAsync(string name, CancellationToken stop)
    {
        try
        {
            return await blobs.ReadAsync(name, stop) is null ? Missing(name) : null;
        }
        catch (BadInputException damaged)
        {
            return damaged.Message;
        }
    }

    private string Missing(string name) => $"{blobs.Where(name)} is missing.";
}
