using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Silo.Storage;

/// <summary>Files that fail as a fault plan wants it: users' states that cannot be written, or are written by
/// half.</summary>
internal sealed class FaultyBlobStore(FileBlobStore files, RunCatalog runs) : IBlobStore
{
    public async Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        if (BlobNames.ParseUser(name) is not var (experiment, user, round)
            || await runs.FaultsAsync(experiment) is not { IsEmpty: false } plan)
        {
            await files.WriteAsync(name, bytes, stop);
            return;
        }

        if (plan.Has(FaultKind.FailWrite, round, user))
        {
            throw new IOException("its state could not be written");
        }

        await files.WriteAsync(name, bytes, stop);
        if (plan.Has(FaultKind.TearWrite, round, user))
        {
            files.Tear(name);
        }
    }

    public Task<byte[]?> ReadAsync(string name, CancellationToken stop) => files.ReadAsync(name, stop);

    public Task DeleteAsync(string name) => files.DeleteAsync(name);

    public Task<IReadOnlyList<string>> ListAsync(string folder) => files.ListAsync(folder);

    public string Where(string name) => files.Where(name);
}
