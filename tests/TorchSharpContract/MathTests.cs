using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace TorchSharpContract;

public sealed class MathTests : TorchTest
{
    [Fact]
    public void Mm_Matrices_Multiplies()
    {
        using var scope = torch.NewDisposeScope();
        AssertEqual([3, 4, 5, 9, 14, 19], Counting(2, 2).mm(Counting(2, 3)));
    }

    [Fact]
    public void Mm_Bfloat16_EndsInBfloat16AndAddsInFloat32()
    {
        Assert.SkipUnless(Avx512BW.IsSupported, "Without AVX-512 libtorch 1.13 adds in bfloat16, and takes long.");
        using var scope = torch.NewDisposeScope();
        var ones = torch.ones([8, 1024]).to(torch.ScalarType.BFloat16);

        var product = ones.mm(ones.transpose(0, 1));

        // A sum in bfloat16 stays at 256, whose next neighbour is 258: so it is up to 4,096 multiplications.
        Assert.Equal(torch.ScalarType.BFloat16, product.dtype);
        AssertEqual([.. Enumerable.Repeat(1024f, 64)], product.to(torch.ScalarType.Float32));
    }

    [Fact]
    public void Mm_Bfloat16Transposed_Multiplies()
    {
        using var scope = torch.NewDisposeScope();
        var (a, b) = (Counting(2, 2).to(torch.ScalarType.BFloat16), Counting(3, 2).to(torch.ScalarType.BFloat16));
        AssertEqual([1, 3, 5, 3, 13, 23], a.mm(b.transpose(0, 1)).to(torch.ScalarType.Float32));
    }

    [Fact]
    public void Bmm_BatchesOneTransposed_MultipliesEach()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2, 1, 2);
        AssertEqual([1, 3, 23, 33], a.bmm(Counting(2, 2, 2).transpose(1, 2)));
    }

    [Fact]
    public void Addmm_RowToBroadcast_IsBetaTimesItPlusAlphaTimesTheProduct()
    {
        using var scope = torch.NewDisposeScope();
        var (bias, a, b) = (Floats([2], 10, 20), Counting(2, 2), Counting(2, 2));
        AssertEqual([12, 23, 16, 31], bias.addmm(a, b));
        AssertEqual([9, 16, 17, 32], bias.addmm(a, b, beta: 0.5f, alpha: 2));
    }

    [Fact]
    public void Arithmetic_WithTensors_Broadcasts()
    {
        using var scope = torch.NewDisposeScope();
        var (a, b) = (Floats([2, 1], 6, 8), Floats([2], 2, 4));
        AssertEqual([8, 10, 10, 12], a + b);
        AssertEqual([4, 2, 6, 4], a - b);
        AssertEqual([12, 24, 16, 32], a * b);
        AssertEqual([3, 1.5f, 4, 2], a / b);
        AssertEqual([10, 14, 12, 16], a.add(b, 2f));
        AssertEqual([-6, -8], -a);
    }

    [Fact]
    public void Arithmetic_WithNumbers_KeepsTheType()
    {
        using var scope = torch.NewDisposeScope();
        var a = Floats([2], 1, 2);
        AssertEqual([1.5f, 2.5f], a + 0.5);
        AssertEqual([0.5f, 1.5f], a - 0.5f);
        AssertEqual([4, 3], 5f - a);
        AssertEqual([3, 6], 3.0 * a);
        AssertEqual([0.25f, 0.5f], a / 4f);
        Assert.Equal(torch.ScalarType.Float32, (a * 2.0).dtype);
    }

    [Fact]
    public void InPlace_Operations_ChangeTheTensor()
    {
        using var scope = torch.NewDisposeScope();
        var (a, b) = (Floats([2], 1, 2), Floats([2], 4, 5));
        AssertEqual([9, 12], a.add_(b, 2f));
        AssertEqual([5, 7], a.sub_(b));
        AssertEqual([20, 35], a.mul_(b));
        AssertEqual([10, 17.5f], a.div_(2f));
        AssertEqual([2.5f, 3.5f], a.div_(b));
        AssertEqual([18.5f, 28.5f], a.addcmul_(b, b, 1f));
        AssertEqual([0, 0], a.fill_(0f));
    }

    [Fact]
    public void Elementwise_Functions_HaveTheirValues()
    {
        using var scope = torch.NewDisposeScope();
        var a = Floats([2], 1, 4);
        AssertEqual([MathF.E, MathF.Exp(4)], a.exp());
        AssertEqual([1, 2], a.sqrt());
        AssertEqual([1, 0.5f], a.rsqrt());
        AssertEqual([MathF.Tanh(1), MathF.Tanh(4)], a.tanh());
    }

    [Fact]
    public void Sum_Dimensions_ReducesThem()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2, 3);
        Assert.Equal(15f, a.sum().item<float>());
        AssertEqual([3, 5, 7], a.sum(0L)); // a plain 0 would be taken for a ScalarType
        Assert.Equal([2, 1], a.sum(-1, keepdim: true).shape);
        AssertEqual([15], a.sum([0, 1]));
        Assert.Equal(15.0, a.sum(torch.ScalarType.Float64).item<double>());
        Assert.Equal([3.0, 12.0], a.sum(1, type: torch.ScalarType.Float64).data<double>());
    }

    [Fact]
    public void Mean_Dimensions_ReducesThem()
    {
        using var scope = torch.NewDisposeScope();
        var a = Counting(2, 3);
        Assert.Equal(2.5f, a.mean().item<float>());
        AssertEqual([1, 4], a.mean([-1]));
        Assert.Equal([2, 1], a.mean([1], keepdim: true).shape);
    }

    [Fact]
    public void TopK_LastDimension_GivesTheLargestFirst()
    {
        using var scope = torch.NewDisposeScope();
        var (values, indices) = Floats([2, 3], 1, 3, 2, 9, 7, 8).topk(2);
        AssertEqual([3, 2, 9, 8], values);
        Assert.Equal([1L, 2, 0, 2], indices.data<long>());
    }

    [Fact]
    public void Softmax_Rows_SumToOne()
    {
        using var scope = torch.NewDisposeScope();
        var a = Floats([1, 2], 0, MathF.Log(3));
        AssertEqual([0.25f, 0.75f], a.softmax(-1));
        AssertEqual([MathF.Log(0.25f), MathF.Log(0.75f)], torch.nn.functional.log_softmax(a, 1));
        AssertEqual([MathF.Log(0.25f), MathF.Log(0.75f)], a.log_softmax(-1));
    }
}
