using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Orleans.Storage;

namespace OrleansContract;

/// <summary>A store outside the silos, as a file system is: JSON, one version number a record.</summary>
public sealed class SharedStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (string Json, int Version)> records = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (records.TryGetValue(Key(stateName, grainId), out var record))
        {
            grainState.State = JsonSerializer.Deserialize<T>(record.Json)!;
            grainState.ETag = Etag(record.Version);
            grainState.RecordExists = true;
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (grainId.Key.ToString()!.StartsWith("unwritable", StringComparison.Ordinal))
        {
            throw new IOException("disk full");
        }

        var key = Key(stateName, grainId);
        lock (records)
        {
            var version = records.TryGetValue(key, out var stored) ? stored.Version : 0;
            var etag = version == 0 ? null : Etag(version);
            if (grainState.ETag != etag)
            {
                throw new InconsistentStateException($"etag of {key}", etag ?? "", grainState.ETag ?? "");
            }

            records[key] = (JsonSerializer.Serialize(grainState.State), version + 1);
            grainState.ETag = Etag(version + 1);
            grainState.RecordExists = true;
        }

        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        records.TryRemove(Key(stateName, grainId), out _);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null!;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private static string Key(string stateName, GrainId grainId) => $"{grainId}/{stateName}";

    private static string Etag(int version) => version.ToString(CultureInfo.InvariantCulture);
}
