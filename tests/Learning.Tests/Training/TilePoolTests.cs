using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Learning.Tests.Training;

public class TilePoolTests
{
    [Fact]
    public async Task Job_RunsEveryTileOnce()
    {
        using var pool = new TilePool(3);
        var runs = new int[1000];

        await pool.RunAsync(runs.Length, index => Interlocked.Increment(ref runs[index]));

        Assert.All(runs, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task FailingTile_FailsItsJobAfterTheOthersRan_AndNotTheNext()
    {
        using var pool = new TilePool(2);
        var ran = 0;

        var failing = pool.RunAsync(10, index =>
        {
            Interlocked.Increment(ref ran);
            if (index == 3)
            {
                throw new InvalidOperationException("tile 3");
            }
        });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Assert.Equal(("tile 3", 10), (error.Message, ran));
        await pool.RunAsync(1, _ => { });
    }

    [Fact]
    public async Task Dispose_WithTilesWaiting_FailsTheirJob()
    {
        var pool = new TilePool(1);
        using var started = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var job = pool.RunAsync(2, _ =>
        {
            started.Set();
            release.Wait();
        });
        started.Wait();

        var disposing = Task.Run(pool.Dispose);
        release.Set();
        await disposing;

        // One tile had begun; the other either ran before the pool noticed or was abandoned: both end the job.
        await Task.WhenAny(job);
        Assert.True(job.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.RunAsync(1, _ => { }));
    }
}
