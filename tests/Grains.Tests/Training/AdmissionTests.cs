using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Tests.Training;

public sealed class AdmissionTests
{
    [Fact]
    public async Task Enter_MoreUsersThanSlots_WaitsForAPlace()
    {
        var admission = new Admission(new(TrainerSlots: 2));
        var first = await admission.EnterAsync(1, CancellationToken.None);
        await admission.EnterAsync(1, CancellationToken.None);
        var third = admission.EnterAsync(1, CancellationToken.None);
        Assert.False(third.IsCompleted);
        first.Dispose();
        first.Dispose();
        await third;
        Assert.False(admission.EnterAsync(1, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Enter_MoreThanIsLeftOfTheBudget_WaitsAndIsNotOvertaken()
    {
        var admission = new Admission(new(TrainerSlots: 8, MemoryBytes: 100));
        var small = await admission.EnterAsync(40, CancellationToken.None);
        var large = admission.EnterAsync(70, CancellationToken.None);
        var late = admission.EnterAsync(10, CancellationToken.None);
        Assert.False(large.IsCompleted || late.IsCompleted);
        small.Dispose();
        await large;
        await late;
    }

    [Fact]
    public async Task Enter_GivenUpWhileWaiting_LetsTheNextThrough()
    {
        using var stop = new CancellationTokenSource();
        var admission = new Admission(new(TrainerSlots: 8, MemoryBytes: 100));
        await admission.EnterAsync(60, CancellationToken.None);
        var large = admission.EnterAsync(70, stop.Token);
        var small = admission.EnterAsync(30, CancellationToken.None);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
    }

    [Fact]
    public async Task Enter_MoreThanTheWholeBudget_IsRefusedNamingBoth()
    {
        var admission = new Admission(new(TrainerSlots: 1, MemoryBytes: 100));
        var refused = await Assert.ThrowsAsync<UserFailedException>(
            () => admission.EnterAsync(101, CancellationToken.None));
        Assert.Contains("101", refused.Message, StringComparison.Ordinal);
        Assert.Contains("100", refused.Message, StringComparison.Ordinal);
    }
}
