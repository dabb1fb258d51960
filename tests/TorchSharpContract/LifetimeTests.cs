using TorchSharp;

namespace TorchSharpContract;

public sealed class LifetimeTests : TorchTest
{
    [Fact]
    public void Scope_Disposed_DisposesTensorsMadeInIt()
    {
        torch.Tensor inside;
        using (var scope = torch.NewDisposeScope())
        {
            inside = Counting(2).add(Counting(2));
            Assert.Equal(3, scope.DisposablesCount);
            Assert.False(inside.IsInvalid);
        }

        Assert.True(inside.IsInvalid);
    }

    [Fact]
    public void MoveToOuterDisposeScope_InnerScopeDisposed_TensorLivesUntilOuterIs()
    {
        torch.Tensor kept;
        using (torch.NewDisposeScope())
        {
            using (torch.NewDisposeScope())
            {
                kept = Counting(2).MoveToOuterDisposeScope();
            }

            AssertEqual([0, 1], kept);
        }

        Assert.True(kept.IsInvalid);
    }

    [Fact]
    public void MoveToOuterDisposeScope_NoOuterScope_TensorBelongsToTheCaller()
    {
        torch.Tensor kept;
        using (torch.NewDisposeScope())
        {
            kept = Counting(2).MoveToOuterDisposeScope();
        }

        Assert.False(kept.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void MoveToOuter_TensorThatHasMovedAlready_LeavesItInTheOuterScope()
    {
        torch.Tensor kept;
        using (torch.NewDisposeScope())
        using (var inner = torch.NewDisposeScope())
        {
            kept = inner.MoveToOuter(inner.MoveToOuter(Counting(2)));
        }

        Assert.True(kept.IsInvalid);
    }

    [Fact]
    public void DetachFromDisposeScope_NestedScopes_TensorBelongsToTheCaller()
    {
        torch.Tensor kept;
        using (torch.NewDisposeScope())
        using (torch.NewDisposeScope())
        {
            kept = Counting(2).DetachFromDisposeScope();
        }

        Assert.False(kept.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void Attach_TensorMadeOutside_IsDisposedWithTheScope()
    {
        var outside = Counting(2);
        using (var scope = torch.NewDisposeScope())
        {
            scope.Attach(outside);
        }

        Assert.True(outside.IsInvalid);
    }

    [Fact]
    public void Scope_TensorDisposedByHand_IsForgotten()
    {
        using var scope = torch.NewDisposeScope();
        Counting(2).Dispose();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Scope_InPlaceOperation_RegistersNothingNew()
    {
        using var scope = torch.NewDisposeScope();
        var tensor = Counting(2);
        var same = tensor.mul_(2f).add_(tensor);
        Assert.Same(tensor, same);
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void Scope_ClosedBeforeItsInnerOne_LeavesTheInnerOneInCharge()
    {
        var outer = torch.NewDisposeScope();
        var inner = torch.NewDisposeScope();
        outer.Dispose();
        var tensor = Counting(2);
        inner.Dispose();
        Assert.True(tensor.IsInvalid);
    }

    [Fact]
    public void Scope_OtherThread_DoesNotCollectItsTensors()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor? elsewhere = null;
        var thread = new Thread(() => elsewhere = Counting(2));
        thread.Start();
        thread.Join();
        Assert.Equal(0, scope.DisposablesCount);
        elsewhere!.Dispose();
    }

    [Fact]
    public void Statistics_TensorsMadeAndDisposed_CountOnTheirThread()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var tensor = Counting(2);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        tensor.Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void TotalCount_ViewDisposedBeforeItsBase_CountsBoth()
    {
        var before = torch.Tensor.TotalCount;
        var tensor = Counting(2, 3);
        var view = tensor.view(3, 2);
        Assert.Equal(before + 2, torch.Tensor.TotalCount);
        tensor.Dispose();
        AssertEqual([0, 1, 2, 3, 4, 5], view);
        view.Dispose();
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Dispose_Twice_IsAllowed()
    {
        var tensor = Counting(2);
        tensor.Dispose();
        tensor.Dispose();
        Assert.True(tensor.IsInvalid);
    }
}
