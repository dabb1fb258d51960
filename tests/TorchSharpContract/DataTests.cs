using System.Runtime.InteropServices;
using TorchSharp;

namespace TorchSharpContract;

/// <summary>Bytes in and out.</summary>
public sealed class DataTests : TorchTest
{
    [Fact]
    public void Bytes_Read_AreTheElements()
    {
        using var a = Counting(3);
        Assert.Equal([0f, 1, 2], MemoryMarshal.Cast<byte, float>(a.bytes).ToArray());
    }

    [Fact]
    public void Bytes_Set_OverwriteTheTensor()
    {
        using var a = Counting(2);
        a.bytes = MemoryMarshal.AsBytes(new float[] { 5, 6 }.AsSpan());
        AssertEqual([5, 6], a);
    }

    [Fact]
    public void Bytes_SpanWrittenTo_ChangesTheTensor()
    {
        using var a = Counting(2);
        MemoryMarshal.Cast<byte, float>(a.bytes)[1] = 8;
        AssertEqual([0, 8], a);
    }

    [Fact]
    public void Item_OneElement_IsItsValue()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(6f, Counting(4).sum().item<float>());
        Assert.Equal(3L, Longs([1, 1], 3).item<long>());
    }

    [Fact]
    public void Copy_IntoANarrowedPart_ConvertsAndBroadcasts()
    {
        using var scope = torch.NewDisposeScope();
        var a = torch.zeros([2, 3]);
        a.narrow(1, 0, 2).copy_(Longs([2], 1, 2));
        AssertEqual([1, 2, 0, 1, 2, 0], a);
    }

    [Fact]
    public void Clone_Changed_LeavesTheOriginal()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2);
        a.clone().fill_(9f);
        AssertEqual([0, 1], a);
    }

    [Fact]
    public void To_AnotherType_Converts()
    {
        using var scope = torch.NewDisposeScope();
        var a = Floats([2], 1.75f, -2.5f);
        Assert.Equal([1L, -2], a.to(torch.ScalarType.Int64).data<long>());
        Assert.Equal(torch.ScalarType.Float64, a.to(torch.ScalarType.Float64).dtype);
    }

    [Fact]
    public void To_Bfloat16_RoundsToTheNearestAndTiesToEven()
    {
        using var scope = torch.NewDisposeScope();
        var a = Floats([4], 1 + (1 / 256f), 1 + (3 / 256f), 1 + (1.01f / 256f), -3e38f);

        var narrow = a.to(torch.ScalarType.BFloat16);

        Assert.Equal(torch.ScalarType.BFloat16, narrow.dtype);
        Assert.Equal(2 * 4, narrow.bytes.Length);
        AssertEqual([1, 1 + (2 / 128f), 1 + (1 / 128f), -3.0040553e38f], narrow.to(torch.ScalarType.Float32));
    }

    [Fact]
    public void To_TheSameType_SharesTheMemory()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2);
        a.to(torch.ScalarType.Float32).fill_(3f);
        AssertEqual([3, 3], a);
    }

    [Fact]
    public void IndexSelect_Bfloat16_CopiesRows()
    {
        using var scope = torch.NewDisposeScope();
        var rows = Counting(3, 2).to(torch.ScalarType.BFloat16).index_select(0, Longs([2], 2, 0));
        AssertEqual([4, 5, 0, 1], rows.to(torch.ScalarType.Float32));
    }

    [Fact]
    public void To_SameDevice_SharesTheMemory()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2);
        a.to(torch.CPU).fill_(3f);
        a.cpu().mul_(2f);
        AssertEqual([6, 6], a);
    }
}
