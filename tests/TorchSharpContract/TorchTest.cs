using TorchSharp;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace TorchSharpContract;

/// <summary>Skips when libtorch is not set up, and fails any test that leaves a tensor alive.</summary>
public abstract class TorchTest : IDisposable
{
    private static readonly string? Missing = Probe();
    private readonly long liveBefore;

    protected TorchTest()
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        liveBefore = torch.Tensor.TotalCount;
    }

    public void Dispose()
    {
        var leaked = torch.Tensor.TotalCount - liveBefore;
        Assert.True(leaked == 0, $"The test left {leaked} live tensors.");
        GC.SuppressFinalize(this);
    }

    protected static torch.Tensor Floats(long[] shape, params float[] values) => torch.tensor(values, shape);

    protected static torch.Tensor Longs(long[] shape, params long[] values) => torch.tensor(values, shape);

    /// <summary>0, 1, 2, … in a shape.</summary>
    protected static torch.Tensor Counting(params long[] shape)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        return torch.tensor([.. Enumerable.Range(0, (int)count).Select(i => (float)i)], shape);
    }

    protected static void AssertEqual(float[] expected, torch.Tensor actual)
    {
        var values = actual.data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], values[i], 1e-6f * MathF.Max(1, MathF.Abs(expected[i])));
        }
    }

    // Upstream makes its native library ready in a static constructor, so there the failure comes wrapped.
    private static string? Probe()
    {
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            return null;
        }
        catch (Exception error) when (error is NotSupportedException or TypeInitializationException)
        {
            return error.GetBaseException().Message;
        }
    }
}
