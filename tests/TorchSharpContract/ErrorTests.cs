using System.Runtime.InteropServices;
using TorchSharp;

namespace TorchSharpContract;

/// <summary>What goes wrong surfaces as upstream's exceptions, and the thread goes on working.</summary>
public sealed class ErrorTests : TorchTest
{
    [Fact]
    public void Mm_ShapesThatDoNotFit_ThrowsWithLibtorchsWords()
    {
        using var scope = torch.NewDisposeScope();
        var (a, b) = (Counting(2, 3), Counting(2, 3));
        var error = Assert.Throws<ExternalException>(() => a.mm(b));
        Assert.Contains("2x3", error.Message);
        AssertEqual([5, 14, 14, 50], a.mm(b.transpose(0, 1)));
    }

    [Fact]
    public void View_SizeThatDoesNotFit_Throws()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2, 3);
        var error = Assert.Throws<ExternalException>(() => a.view(4));
        Assert.Contains("invalid for input of size 6", error.Message);
    }

    [Fact]
    public void View_NonContiguous_Throws()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2, 3).transpose(0, 1);
        Assert.Throws<ExternalException>(() => a.view(6));
    }

    [Fact]
    public void Operation_DisposedTensor_Throws()
    {
        var a = Counting(2);
        a.Dispose();
        Assert.Throws<InvalidOperationException>(() => a.neg());
    }

    [Fact]
    public void Tensor_ShapeLargerThanTheArray_Throws() =>
        Assert.Throws<ArgumentException>(() => Floats([3], 1, 2));

    [Fact]
    public void Data_OtherElementType_Throws()
    {
        using var a = Counting(2);
        Assert.Throws<ArgumentException>(() => a.data<long>());
    }

    [Fact]
    public void Item_MoreThanOneElement_Throws()
    {
        using var a = Counting(2);
        Assert.Throws<ArgumentException>(() => a.item<float>());
    }

    [Fact]
    public void Bytes_NonContiguous_Throws()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2, 3).transpose(0, 1);
        Assert.Throws<InvalidOperationException>(() => a.bytes.Length);
    }

    [Fact]
    public void Bytes_SetWithAnotherLength_Throws()
    {
        using var a = Counting(2);
        Assert.Throws<ArgumentException>(() => a.bytes = new byte[4]);
    }

    [Fact]
    public void IndexSelect_IndexOutOfRange_Throws()
    {
        using var scope = torch.NewDisposeScope();
        var (a, index) = (Counting(2, 3), Longs([1], 2));
        Assert.ThrowsAny<ExternalException>(() => a.index_select(0, index));
    }

    [Fact]
    public void Device_UnknownName_Throws() => Assert.Throws<ArgumentException>(() => torch.device("abacus"));

    [Fact]
    public void Cuda_WithoutADevice_SaysSoBeforehand()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "There is a CUDA device.");
        Assert.Equal(0, torch.cuda.device_count());
        Assert.False(torch.TryInitializeDeviceType(DeviceType.CUDA));
        Assert.Throws<InvalidOperationException>(() => torch.InitializeDeviceType(DeviceType.CUDA));
        Assert.Throws<InvalidOperationException>(() => torch.device("cuda:0"));
    }
}
