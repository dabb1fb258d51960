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
        var (tensor, index) = (Counting(2), Longs([2], 1, 0));
        using var mask = torch.ones([2], torch.ScalarType.Bool);
        torch.Tensor[] results = [
            tensor.add_(tensor), tensor.add_(tensor, 2f), tensor.add_(1f), tensor.sub_(tensor), tensor.mul_(tensor),
            tensor.mul_(2f), tensor.fill_(1f), tensor.div_(tensor), tensor.div_(2f),
            tensor.addcmul_(tensor, tensor, 1f), tensor.scatter_(0, index, tensor.clone()),
            tensor.scatter_add_(0, index, tensor.clone()), tensor.masked_fill_(mask, 1f), tensor.copy_(tensor)];
        Assert.All(results, result => Assert.Same(tensor, result));
        Assert.Equal(5, scope.DisposablesCount);
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
