using CoMiGS.Learning.Torch;

namespace CoMiGS.Learning.Tests.Torch;

/// <summary>When a stack stops. Needs no libtorch.</summary>
public class UnanimousStopTests
{
    [Fact]
    public void Token_AllButOneStopped_GoesOn()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        using var stop = new UnanimousStop([first.Token, second.Token], default);

        first.Cancel();
        Assert.False(stop.Token.IsCancellationRequested);

        second.Cancel();
        Assert.True(stop.Token.IsCancellationRequested);
    }

    [Fact]
    public void Token_OneThatCannotBeStopped_GoesOn()
    {
        using var first = new CancellationTokenSource();
        using var stop = new UnanimousStop([first.Token, default], default);
        first.Cancel();
        Assert.False(stop.Token.IsCancellationRequested);
    }

    [Fact]
    public void Token_StoppedBeforehand_Counts()
    {
        using var stop = new UnanimousStop([new CancellationToken(canceled: true)], default);
        Assert.True(stop.Token.IsCancellationRequested);
    }

    [Fact]
    public void Token_Closing_StopsAtOnce()
    {
        using var closing = new CancellationTokenSource();
        using var stop = new UnanimousStop([default], closing.Token);
        closing.Cancel();
        Assert.True(stop.Token.IsCancellationRequested);
    }
}
