using System.Security.Cryptography;
using CoMiGS.Grains.Storage;
using CoMiGS.Interfaces.Experiments;
using Orleans.Storage;

namespace CoMiGS.Grains.Experiments;

/// <summary>What is stored of runs, read without silos.</summary>
public sealed class SavedRuns(IBlobStore blobs, IGrainStorage states)
{
    private readonly RunArchive archive = new(blobs, states);

    /// <summary>Rounds committed of a run; 0 when nothing is stored.</summary>
    public async Task<int> RoundsAsync(string experiment)
    {
        var head = archive.StateOf<RunHead>(RunArchive.HeadName, GrainId.Create("experiment", experiment));
        await head.ReadAsync();
        return head.Exists
            ? head.Value.Round
            : (await blobs.ListNumbersAsync(BlobNames.Manifests(experiment))).LastOrDefault();
    }

    /// <summary>The blobs of the last committed round that are what was learned: the generalists, and of every user its
    /// adapters, router and moments.</summary>
    /// <returns>The name and the SHA-256, in order of name.</returns>
    /// <exception cref="ExperimentFailedException">One is damaged or missing.</exception>
    public async Task<IReadOnlyList<(string Name, string Hash)>> HashesAsync(RunSpec spec, CancellationToken stop)
    {
        var manifest = await archive.ReadManifestAsync(
            spec.Experiment, await RoundsAsync(spec.Experiment), stop);
        var hashes = new List<(string Name, string Hash)>();
        foreach (var name in RunRecovery.StatesIn(manifest, spec.Experiment, spec.Users)
            .Order(StringComparer.Ordinal))
        {
            hashes.Add((name, Convert.ToHexStringLower(SHA256.HashData(await blobs.RequireAsync(name, stop)))));
        }

        return hashes;
    }
}
