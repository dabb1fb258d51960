using System.Globalization;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Storage;

/// <summary>A record in memory and the silo it is lost with.</summary>
internal sealed record MemoryRecord(object? State, long Version, Silo Holder);

/// <summary>A store in the cluster's memory, for tests and demos.</summary>
internal sealed class MemoryGrainStorage(Cluster cluster, string name) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (cluster.Records.TryGetValue((name, stateName, grainId), out var record))
        {
            grainState.State = Copier.Copy((T)record.State!);
            Stamp(grainState, record.Version);
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (name, stateName, grainId);
        var state = Copier.Copy(grainState.State);
        var known = Current(key, grainState);
        var next = new MemoryRecord(state, (known?.Version ?? 0) + 1, known?.Holder ?? cluster.Any());
        var written = known is null
            ? cluster.Records.TryAdd(key, next)
            : cluster.Records.TryUpdate(key, next, known);
        if (!written)
        {
            throw Conflict(key, grainState);
        }

        Stamp(grainState, next.Version);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (name, stateName, grainId);
        if (Current(key, grainState) is { } known && !cluster.Records.TryRemove(KeyValuePair.Create(key, known)))
        {
            throw Conflict(key, grainState);
        }

        grainState.State = Activator.CreateInstance<T>();
        (grainState.ETag, grainState.RecordExists) = (null!, false);
        return Task.CompletedTask;
    }

    private static void Stamp<T>(IGrainState<T> state, long version) =>
        (state.ETag, state.RecordExists) = (version.ToString(CultureInfo.InvariantCulture), true);

    // The record the writer has seen; null when it has seen none.
    private MemoryRecord? Current<T>((string, string, GrainId) key, IGrainState<T> state)
    {
        var stored = cluster.Records.GetValueOrDefault(key);
        return stored?.Version.ToString(CultureInfo.InvariantCulture) == state.ETag
            ? stored
            : throw Conflict(key, state);
    }

    private InconsistentStateException Conflict<T>(
        (string, string State, GrainId Grain) key, IGrainState<T> state) => new(
        $"Version conflict writing '{key.State}' of {key.Grain} to store '{name}'.",
        cluster.Records.GetValueOrDefault(key)?.Version.ToString(CultureInfo.InvariantCulture),
        state.ETag);
}
