using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Learning.Tests.Training;

public sealed class ArenaPoolTests
{
    [Fact]
    public void Rent_AfterReturn_IsTheSmallestBlockThatFits()
    {
        using var pool = new ArenaPool(limit: 2);
        var (small, large) = (pool.Rent(100), pool.Rent(1000));
        pool.Return(large);
        pool.Return(small);

        Assert.Same(small, pool.Rent(50));
        Assert.Same(large, pool.Rent(50));
    }

    [Fact]
    public void Rent_LargerThanAnyIdleBlock_TakesThePlaceOfTheSmallest()
    {
        using var pool = new ArenaPool(limit: 2);
        var (small, middle) = (pool.Rent(100), pool.Rent(200));
        pool.Return(small);
        pool.Return(middle);

        var large = pool.Rent(1000);

        Assert.Equal(1000, large.Bytes);
        Assert.Same(middle, pool.Rent(100));
        Assert.NotSame(small, pool.Rent(100));
    }

    [Fact]
    public void Return_MoreThanTheLimit_KeepsTheLargest()
    {
        using var pool = new ArenaPool(limit: 1);
        var (small, large) = (pool.Rent(100), pool.Rent(1000));
        pool.Return(large);
        pool.Return(small);

        Assert.Same(large, pool.Rent(1));
        Assert.NotSame(small, pool.Rent(1));
    }
}
