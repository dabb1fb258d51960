using CoMiGS.Grains.Storage;
using Orleans.Storage;

namespace CoMiGS.Silo.Storage;

/// <summary>Grain state as sealed JSON files: FOLDER/KEY/STATE.json, where a key's '/' separates folders. The etag is
/// the content's hash.</summary>
/// <param name="folder">Absolute; made when needed. On a cluster, shared.</param>
internal sealed class FileGrainStorage(string folder) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        var bytes = await SealedFile.ReadAsync(path, CancellationToken.None);
        grainState.State = bytes is null ? Activator.CreateInstance<T>() : Json.FromBytes<T>(bytes, path);
        grainState.ETag = bytes is null ? null : SealedFile.HashOf(bytes);
        grainState.RecordExists = bytes is not null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        await RequireUnchangedAsync(path, grainState.ETag);
        var bytes = Json.ToBytes(grainState.State);
        await SealedFile.WriteAsync(path, bytes, CancellationToken.None);
        grainState.ETag = SealedFile.HashOf(bytes);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        await RequireUnchangedAsync(path, grainState.ETag);
        if (File.Exists(path))
        {
            File.Delete(path);
        }

        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    /// <summary>An activation that has outlived its time (its silo was taken for dead) must not write over its
    /// successor.</summary>
    private static async Task RequireUnchangedAsync(string path, string? etag)
    {
        var stored = await SealedFile.ReadAsync(path, CancellationToken.None);
        var storedTag = stored is null ? null : SealedFile.HashOf(stored);
        if (storedTag != etag)
        {
            throw new InconsistentStateException(
                $"{path} was changed by another activation.", storedTag ?? "none", etag ?? "none");
        }
    }

    private string PathOf(string stateName, GrainId grainId) =>
        StatePath.Of(folder, $"{grainId.Key}/{stateName}", ".json");
}
