using TorchSharp;

namespace TorchSharpContract;

public sealed class ShapeTests : TorchTest
{
    [Fact]
    public void View_Tensor_SharesItsMemory()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2, 3);
        a.view(3, -1).fill_(7f);
        AssertEqual([7, 7, 7, 7, 7, 7], a);
    }

    [Fact]
    public void Narrow_InPlaceOnIt_ChangesThePartOnly()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2, 4);
        a.narrow(1, 1, 2).add_(10f);
        AssertEqual([0, 11, 12, 3, 4, 15, 16, 7], a);
    }

    [Fact]
    public void Select_OneIndex_DropsTheDimension()
    {
        using var scope = torch.NewDisposeScope();
        var row = Counting(2, 3).select(0, 1);
        Assert.Equal([3], row.shape);
        AssertEqual([3, 4, 5], row);
    }

    [Fact]
    public void TransposePermute_Tensor_ReadInTheNewOrder()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2, 3);
        var turned = a.transpose(0, 1);
        Assert.False(turned.is_contiguous());
        Assert.Equal([1, 3], turned.stride());
        AssertEqual([0, 3, 1, 4, 2, 5], turned);
        AssertEqual([0, 3, 1, 4, 2, 5], a.permute(1, 0).contiguous());
        AssertEqual([0, 3, 1, 4, 2, 5], turned.reshape(6));
    }

    [Fact]
    public void Expand_SizeOne_RepeatsWithoutCopying()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2).unsqueeze(0).expand(3, -1);
        Assert.Equal([3, 2], a.shape);
        Assert.Equal([0, 1], a.stride());
        AssertEqual([0, 1, 0, 1, 0, 1], a);
    }

    [Fact]
    public void IndexSelect_Rows_CopiesThemInOrder()
    {
        using var scope = torch.NewDisposeScope();
        AssertEqual([4, 5, 0, 1, 4, 5], Counting(3, 2).index_select(0, Longs([3], 2, 0, 2)));
    }

    [Fact]
    public void GatherScatter_AlongTheLastDimension_AreEachOthersInverse()
    {
        using var scope = torch.NewDisposeScope();
        var index = Longs([2, 2], 2, 0, 1, 2);
        AssertEqual([2, 0, 4, 5], Counting(2, 3).gather(1, index));
        AssertEqual([6, 0, 5, 0, 7, 8], torch.zeros([2, 3]).scatter_(1, index, Floats([2, 2], 5, 6, 7, 8)));
    }

    [Fact]
    public void ScatterAdd_SameIndexTwice_AddsBoth()
    {
        using var scope = torch.NewDisposeScope();
        AssertEqual([1, 12], Counting(2).add_(1f).scatter_add_(0, Longs([2], 1, 1), Floats([2], 4, 6)));
    }

    [Fact]
    public void MaskedFill_AboveTheDiagonal_LeavesTheRest()
    {
        using var scope = torch.NewDisposeScope();
        var mask = torch.ones([2, 2], dtype: torch.ScalarType.Bool).triu(1);
        AssertEqual([0, -9, 2, 3], Counting(2, 2).masked_fill_(mask, -9f));
    }
}
