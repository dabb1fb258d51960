using CoMiGS.Grains.Storage;
using CoMiGS.Learning;
using Orleans.Storage;

namespace CoMiGS.Silo.Storage;

/// <summary>Grain state as sealed JSON files: FOLDER/KEY/STATE.json, where a key's '/' separates folders. The etag is
/// the content's hash; it is compared and the file replaced while a lock beside it is held.</summary>
/// <param name="folder">Absolute; made when needed. On a cluster, shared.</param>
internal sealed class FileGrainStorage(string folder) : IGrainStorage
{
    /// <summary>The etag of a file that cannot be read.</summary>
    private const string Damaged = "damaged";

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        grainState.ETag = Damaged;   // whoever learns that may write it anew
        var bytes = await SealedFile.ReadAsync(path, CancellationToken.None);
        grainState.ETag = bytes is null ? null : SealedFile.HashOf(bytes);
        grainState.State = bytes is null ? Activator.CreateInstance<T>() : Json.FromBytes<T>(bytes, path);
        grainState.RecordExists = bytes is not null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        var bytes = Json.ToBytes(grainState.State);
        await using (await LockAsync(path))
        {
            await RequireUnchangedAsync(path, grainState.ETag);
            await SealedFile.WriteAsync(path, bytes, CancellationToken.None);
        }

        grainState.ETag = SealedFile.HashOf(bytes);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        await using (await LockAsync(path))
        {
            await RequireUnchangedAsync(path, grainState.ETag);
            File.Delete(path);
        }

        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static Task<FileStream> LockAsync(string path) => HeldFile.TakeAsync($"{path}.lock");

    /// <summary>An activation that has outlived its time (its silo was taken for dead) must not write over its
    /// successor.</summary>
    private static async Task RequireUnchangedAsync(string path, string? etag)
    {
        var storedTag = await TagOfAsync(path);
        if (storedTag != etag)
        {
            throw new InconsistentStateException(
                $"{path} was changed by another activation.", storedTag ?? "none", etag ?? "none");
        }
    }

    private static async Task<string?> TagOfAsync(string path)
    {
        try
        {
            return await SealedFile.ReadAsync(path, CancellationToken.None) is { } stored
                ? SealedFile.HashOf(stored)
                : null;
        }
        catch (BadInputException)
        {
            return Damaged;
        }
    }

    private string PathOf(string stateName, GrainId grainId) =>
        StatePath.Of(folder, $"{grainId.Key}/{stateName}", ".json");
}
