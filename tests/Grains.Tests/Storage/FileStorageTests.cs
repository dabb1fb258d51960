using CoMiGS.Grains.Experiments;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Learning;
using CoMiGS.Silo.Storage;
using Orleans.Storage;

namespace CoMiGS.Grains.Tests.Storage;

public sealed class FileStorageTests : IDisposable
{
    private static readonly GrainId Id = GrainId.Create("experiment", "run");
    private readonly TestRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public async Task WriteThenRead_Spec_IsTheSame()
    {
        var storage = new FileGrainStorage(run.StateFolder);
        await storage.WriteStateAsync("spec", Id, NewState());

        var read = new GrainState<StartedRun>();
        await storage.ReadStateAsync("spec", Id, read);

        Assert.True(read.RecordExists);
        Assert.Equal(run.Spec.Users[1].Targets[0].Shards, read.State!.Spec!.Users[1].Targets[0].Shards);
        Assert.Equal(run.Spec.Training, read.State.Spec.Training);
    }

    [Fact]
    public async Task Read_NothingStored_IsANewState()
    {
        var read = new GrainState<StartedRun>();

        await new FileGrainStorage(run.StateFolder).ReadStateAsync("spec", Id, read);

        Assert.False(read.RecordExists);
        Assert.Null(read.State!.Spec);
    }

    [Fact]
    public async Task Write_StaleEtag_IsRefused()
    {
        var storage = new FileGrainStorage(run.StateFolder);
        var first = NewState();
        await storage.WriteStateAsync("spec", Id, first);
        var stale = new GrainState<StartedRun>(new()) { ETag = "other" };

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("spec", Id, stale));

        await storage.WriteStateAsync("spec", Id, first);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(60)]
    [InlineData(95)]
    [InlineData(300)]
    public async Task Read_OneByteMissing_NamesTheFile(int position)
    {
        var storage = new FileGrainStorage(run.StateFolder);
        await storage.WriteStateAsync("spec", Id, NewState());
        var path = Path.Combine(run.StateFolder, "run", "spec.json");
        var bytes = (await File.ReadAllBytesAsync(path)).ToList();
        bytes.RemoveAt(position);
        await File.WriteAllBytesAsync(path, [.. bytes]);

        var error = await Assert.ThrowsAsync<BadInputException>(
            () => storage.ReadStateAsync("spec", Id, new GrainState<StartedRun>()));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blob_OddNames_StayBelowTheFolder()
    {
        var blobs = new FileBlobStore(run.StateFolder);
        foreach (var name in new[] { "../../out", "a/./b", "run/users/ü 1" })
        {
            await blobs.WriteAsync(name, new byte[] { 1, 2, 3 }, CancellationToken.None);
            Assert.Equal([1, 2, 3], (await blobs.ReadAsync(name, CancellationToken.None))!);
        }

        Assert.Equal(3, Directory.GetFiles(run.StateFolder, "*", SearchOption.AllDirectories).Length);
        await blobs.DeleteAsync("../../out");
        Assert.Null(await blobs.ReadAsync("../../out", CancellationToken.None));
    }

    private GrainState<StartedRun> NewState() => new(new StartedRun { Spec = run.Spec });
}
