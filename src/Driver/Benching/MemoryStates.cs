using System.Collections.Concurrent;
using CoMiGS.Grains.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace CoMiGS.Driver.Benching;

/// <summary>Keeps what grains save in memory, so that no disk is measured.</summary>
internal static class MemoryStates
{
    public static void Configure(ISiloBuilder silo)
    {
        silo.AddMemoryGrainStorage(StorageNames.Files);
        silo.Services.AddSingleton<IBlobStore, Blobs>();
    }

    private sealed class Blobs : IBlobStore
    {
        private readonly ConcurrentDictionary<string, byte[]> blobs = new();

        public Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken stop)
        {
            blobs[name] = bytes.ToArray();
            return Task.CompletedTask;
        }

        public Task<byte[]?> ReadAsync(string name, CancellationToken stop) =>
            Task.FromResult(blobs.GetValueOrDefault(name));

        public Task DeleteAsync(string name)
        {
            blobs.TryRemove(name, out _);
            return Task.CompletedTask;
        }
    }
}
