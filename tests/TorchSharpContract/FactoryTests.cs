using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpContract;

public sealed class FactoryTests : TorchTest
{
    [Fact]
    public void Tensor_FromAnArray_CopiesIt()
    {
        float[] values = [1, 2, 3, 4];
        using var made = tensor(values, [2, 2]);
        values[0] = 9;
        Assert.Equal([2, 2], made.shape);
        Assert.Equal(ScalarType.Float32, made.dtype);
        AssertEqual([1, 2, 3, 4], made);
    }

    [Fact]
    public void Tensor_OtherType_Converts()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([1L, 2], tensor([1f, 2], [2], dtype: ScalarType.Int64).data<long>());
        Assert.Equal([2.0], tensor([2L], [1], dtype: ScalarType.Float64).data<double>());
    }

    [Fact]
    public void ZerosOnesEmpty_GivenSizes_HaveThem()
    {
        using var scope = NewDisposeScope();
        AssertEqual([0, 0, 0, 0], zeros([2, 2]));
        AssertEqual([1, 1], ones([2]));
        Assert.Equal([2, 3], empty([2, 3]).shape);
        Assert.Equal([true, true], ones([2], dtype: ScalarType.Bool).data<bool>());
        Assert.Equal(0, zeros([], dtype: ScalarType.Int64).item<long>());
    }

    [Fact]
    public void Device_Cpu_IsTheDefault()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(DeviceType.CPU, zeros([1]).device_type);
        Assert.Equal("cpu", zeros([1], device: device("cpu")).device.ToString());
    }

    [Fact]
    public void Cat_AlongADimension_Joins()
    {
        using var scope = NewDisposeScope();
        AssertEqual([0, 1, 0, 1, 2, 3, 2, 3], cat([Counting(2, 2), Counting(2, 2)], dim: 1));
        AssertEqual([0, 1, 0, 1], cat([Counting(2), Counting(2)]));
    }

    [Fact]
    public void Stack_Tensors_AddsADimension()
    {
        using var scope = NewDisposeScope();
        var stacked = stack([Counting(2), Counting(2)], dim: 1);
        Assert.Equal([2, 2], stacked.shape);
        AssertEqual([0, 0, 1, 1], stacked);
    }

    [Fact]
    public void NoGrad_Nested_RestoresWhatWas()
    {
        var before = is_grad_enabled();
        using (no_grad())
        {
            using (no_grad())
            {
            }

            Assert.False(is_grad_enabled());
        }

        Assert.Equal(before, is_grad_enabled());
    }

    [Fact]
    public void SetNumThreads_ANumber_IsReadBack()
    {
        var before = get_num_threads();
        set_num_threads(2);
        Assert.Equal(2, get_num_threads());
        set_num_threads(before);
    }
}
