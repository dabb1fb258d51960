using CoMiGS.Grains.Experiments;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Grains.Users;
using CoMiGS.Learning;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
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

    [Fact]
    public async Task Write_ByManyWithTheSameEtag_IsDoneByOne()
    {
        var first = NewState();
        await new FileGrainStorage(run.StateFolder).WriteStateAsync("spec", Id, first);
        var written = await Task.WhenAll(Enumerable.Range(0, 20).Select(writer => Task.Run(async () =>
        {
            var spec = run.Spec with { Seed = (ulong)writer };
            var mine = new GrainState<StartedRun>(new() { Spec = spec }) { ETag = first.ETag };
            try
            {
                await new FileGrainStorage(run.StateFolder).WriteStateAsync("spec", Id, mine);
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        })));
        Assert.Single(written, isMine => isMine);
    }

    [Fact]
    public async Task Write_WhileAnotherProcessWrites_Waits()
    {
        var storage = new FileGrainStorage(run.StateFolder);
        var path = Path.Combine(run.StateFolder, "run", "spec.json");
        var other = await HeldFile.TakeAsync($"{path}.lock");
        var write = storage.WriteStateAsync("spec", Id, NewState());
        await Task.Delay(50);
        Assert.False(write.IsCompleted || File.Exists(path));
        await other.DisposeAsync();
        await write;
        Assert.True(File.Exists(path));
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
    public async Task Read_AnyByteChanged_IsRefused()
    {
        var path = Path.Combine(run.StateFolder, "small");
        await SealedFile.WriteAsync(path, "content"u8.ToArray(), CancellationToken.None);
        var whole = await File.ReadAllBytesAsync(path);
        for (var position = 0; position < whole.Length; position++)
        {
            var changed = whole.ToArray();
            changed[position] ^= 1;
            await File.WriteAllBytesAsync(path, changed);
            await Assert.ThrowsAsync<BadInputException>(() => SealedFile.ReadAsync(path, CancellationToken.None));
        }
    }

    [Theory]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("2147483648")]
    [InlineData("")]
    public void Checkpoint_StepsThatNobodyTakes_AreRefused(string steps)
    {
        var shape = new AdapterShape(ExpertCount: 1, MlpRank: 1, AttentionRank: 1, Alpha: 1, TopK: 1, HasRouter: false);
        var layout = ParameterLayout.Of(new(1, 1, 4, 5, 4), shape);
        var zeros = new float[layout.Length];
        var bytes = SafetensorsWriter.ToBytes(
            [.. new[] { "parameters", "first_moments", "second_moments" }.Select(
                name => new TensorToWrite(name, 0, zeros.Length, zeros))],
            new Dictionary<string, string> { ["expert_steps"] = steps, ["router_steps"] = "0" });

        var error = Assert.Throws<BadInputException>(() =>
            UserCheckpoint.FromBytes(bytes, layout, FloatType.Float32, "a/3.blob"));

        Assert.Contains("a/3.blob: the metadata holds no whole number 'expert_steps'", error.Message);
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
