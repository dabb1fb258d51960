using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Tests.Model;

public class Bfloat16Tests
{
    /// <summary>Every bfloat16, positive and negative.</summary>
    private static readonly ushort[] All = [.. Enumerable.Range(0, 65536).Select(bits => (ushort)bits)];

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0x0001)]
    [InlineData(0x7FFF)]
    [InlineData(0x8000)]
    [InlineData(0x8001)]
    [InlineData(0xFFFF)]
    public void Narrow_BetweenAnyTwoNeighbours_TakesTheNearerAndOfTwoTheEvenOne(int lower)
    {
        var values = All.Select(upper => BitConverter.UInt32BitsToSingle(((uint)upper << 16) | (uint)lower)).ToArray();
        var rounded = new ushort[values.Length];

        Bfloat16.Narrow(values, rounded);

        for (var upper = 0; upper < values.Length; upper++)
        {
            if (float.IsNaN(values[upper]))
            {
                Assert.True(float.IsNaN(Wide(rounded[upper])), $"{upper:X4}{lower:X4}");
            }
            else
            {
                Assert.Equal(Nearest((ushort)upper, values[upper]), rounded[upper]);
            }
        }
    }

    [Fact]
    public void Widen_EveryNumber_IsExactAndNarrowsBackToItself()
    {
        var (wide, again) = (new float[All.Length], new ushort[All.Length]);

        Bfloat16.Widen(All, wide);
        Bfloat16.Narrow(wide, again);

        foreach (var bits in All)
        {
            Assert.Equal((uint)bits << 16, BitConverter.SingleToUInt32Bits(wide[bits]));
            Assert.True(float.IsNaN(wide[bits]) || again[bits] == bits, $"{bits:X4}");
        }
    }

    [Fact]
    public void NarrowAndWiden_AnyLength_RoundEveryElement()
    {
        for (var length = 0; length < 70; length++)
        {
            var values = Enumerable.Range(1, length).Select(i => 1 + (i / 1000f)).ToArray();

            Assert.Equal(values.Select(value => MathF.Round(value * 128) / 128), Round(values));
        }
    }

    [Fact]
    public void Narrow_TooLarge_IsInfinite()
    {
        var rounded = Round([float.MaxValue, float.MinValue, 3.38e38f]);

        Assert.Equal([float.PositiveInfinity, float.NegativeInfinity], rounded[..2]);
        Assert.True(float.IsFinite(rounded[2]));
    }

    [Fact]
    public void Narrow_UnequalLengths_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Bfloat16.Narrow(new float[3], new ushort[2]));

    private static float[] Round(float[] values)
    {
        var (narrow, wide) = (new ushort[values.Length], new float[values.Length]);
        Bfloat16.Narrow(values, narrow);
        Bfloat16.Widen(narrow, wide);
        return wide;
    }

    /// <summary>By distance; what lies beyond the largest number is measured as if there were a next one.</summary>
    private static ushort Nearest(ushort below, float value)
    {
        var above = (ushort)(below + 1);
        var (near, far) = (Math.Abs(value - Distance(below)), Math.Abs(value - Distance(above)));
        return near < far || (near == far && below % 2 == 0) || float.IsInfinity(value) ? below : above;
    }

    private static double Distance(ushort bits) => (bits & 0x7FFF) == 0x7F80
        ? (bits > 0x7FFF ? -1 : 1) * Math.Pow(2, 128)
        : Wide(bits);

    private static float Wide(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
