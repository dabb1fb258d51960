using System.Buffers.Binary;
using System.Text;
using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Tests.Model;

public class SafetensorsTests
{
    [Fact]
    public void WrittenFile_ReadBack_GivesTheSameTensorsAndMetadata()
    {
        var bytes = SafetensorsWriter.ToBytes(
            [new("b", 2, 3, new float[] { 1, 2, 3, 4, 5, 6 }), new("a", 0, 2, new float[] { -1, 0.5f })],
            new Dictionary<string, string> { ["round"] = "7" });

        var file = SafetensorsFile.Parse(bytes, "blob");

        Assert.Equal([1, 2, 3, 4, 5, 6], file.Floats("b", 2, 3));
        Assert.Equal([-1, 0.5f], file.Floats("a", 2));
        Assert.Equal("7", file.Metadata["round"]);
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(bytes) % 8);
    }

    [Fact]
    public void WrittenFile_Bfloat16_TakesTwoBytesANumberAndIsReadAsFloats()
    {
        var bytes = SafetensorsWriter.ToBytes([
            new("w", 0, 3, new float[] { 1.00390625f, -3.14159f, 9 }, FloatType.Bfloat16),
            new("b", 0, 1, new float[] { 7 }),
        ]);

        var file = SafetensorsFile.Parse(bytes, "blob");

        Assert.Contains("""{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}""", Encoding.UTF8.GetString(bytes));
        Assert.Equal([1, -3.140625f, 9], file.Floats("w", 3));
        Assert.Equal([7], file.Floats("b", 1));
    }

    [Theory]
    [InlineData(FloatType.Float32, FloatType.Bfloat16, "has type F32, but BF16 is needed")]
    [InlineData(FloatType.Bfloat16, FloatType.Float32, "has type BF16, but F32 is needed")]
    public void Floats_OfAnotherType_AreRefused(FloatType written, FloatType wanted, string words)
    {
        var file = SafetensorsFile.Parse(SafetensorsWriter.ToBytes([new("w", 0, 2, new float[2], written)]), "blob");

        var error = Assert.Throws<BadInputException>(() => file.Floats(wanted, "w", 2));

        Assert.Contains(words, error.Message);
        Assert.Equal(2, file.Floats(written, "w", 2).Length);
    }

    [Fact]
    public void EveryPrefixOfAFile_IsRefusedInOneSentence()
    {
        var bytes = SafetensorsWriter.ToBytes([new("weight", 2, 2, new float[] { 1, 2, 3, 4 })]);
        for (var length = 0; length < bytes.Length; length++)
        {
            var error =
                Assert.Throws<BadInputException>(() => SafetensorsFile.Parse(bytes.AsMemory(0, length), "cut.file"));
            Assert.StartsWith("cut.file: ", error.Message);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void FileWithoutOneByte_IsRefusedWhereverTheByteWas()
    {
        var bytes = SafetensorsWriter.ToBytes([new("weight", 2, 2, new float[] { 1, 2, 3, 4 })]);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            byte[] shorter = [.. bytes[..cut], .. bytes[(cut + 1)..]];
            Assert.Throws<BadInputException>(() => SafetensorsFile.Parse(shorter, "cut.file"));
        }
    }

    [Theory]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"""
        + ""","b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-3],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[12,0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[-12,0]}}""")]
    [InlineData("""{"a":{"dtype":"Q4","shape":[3],"data_offsets":[0,12]}}""")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}"""
        + ""","a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":"3","data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"shape":[3],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":7}""")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"""
        + ""","b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"""
        + ""","b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[9223372036854775807,-9223372036854775808]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,18446744073709551628]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3.5],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3e0],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":"f32","shape":[3],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":null,"shape":[3],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a\ud800":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"shape":[3],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"__metadata__":{"x":1}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[[[[[[[[3]]]]]]]]],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}} x""")]
    public void HostileHeader_IsRefusedInOneSentence(string header) =>
        AssertRefused(Encoding.UTF8.GetBytes(header), 12);

    [Theory]
    [InlineData("[1.5]", "'a.shape[0]' is 1.5, but must be a whole number from 0 to 2147483647")]
    [InlineData("[8589934592, 8589934592]", "'a.shape[0]' is 8589934592, but must be a whole number")]
    [InlineData("null", "'a.shape' is null, but must be a list")]
    public void ShapeOfNoTensor_NamesTensorAndValue(string shape, string words) => Assert.Contains(words, AssertRefused(
        Encoding.UTF8.GetBytes($$$"""{"a":{"dtype":"F32","shape":{{{shape}}},"data_offsets":[0,4]}}"""), 4));

    /// <summary>Products that come back to 0 or to the right number when they overflow 32, 64 or 128 bits.</summary>
    [Theory]
    [InlineData("65536,65536", 0)]
    [InlineData("65536,65536,65536,65536", 0)]
    [InlineData("65536,65536,65536,65536,65536,65536,65536,65536", 0)]
    [InlineData("2147483647,2147483647,2147483647,2147483647,2147483647,2147483647", 12)]
    [InlineData("1073741825", 4)]
    public void ShapeThatOverflows_IsRefused(string shape, int bytes) => AssertRefused(
        Encoding.UTF8.GetBytes(
            $$$"""{"a":{"dtype":"F32","shape":[{{{shape}}}],"data_offsets":[0,{{{bytes}}}]}}"""),
        bytes);

    [Fact]
    public void HeaderNotUtf8_IsRefused() => AssertRefused([.. "{\"a"u8, 0xFF, .. "\":7}"u8], 0);

    [Theory]
    [InlineData(9UL)]
    [InlineData(0x7FFF_FFFFUL)]
    [InlineData(0x1_0000_0000UL)]
    [InlineData(0x8000_0000_0000_0000UL)]
    [InlineData(ulong.MaxValue)]
    public void HeaderLongerThanTheFile_IsRefusedBeforeAnythingIsAllocated(ulong length)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<BadInputException>(() => SafetensorsFile.Parse(bytes, "hostile"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Contains($"claims {length} bytes", error.Message);
    }

    /// <summary>Names of tensors are keys; nobody makes paths of them. A message shows them without what moves a
    /// terminal's cursor.</summary>
    [Fact]
    public void NameThatIsAPath_IsOnlyAName()
    {
        var file = SafetensorsFile.Parse(
            SafetensorsWriter.ToBytes([new("../../etc/x\n\u001b[2J", 0, 1, new float[1])]), "blob");

        Assert.Equal(["../../etc/x\n\u001b[2J"], file.TensorNames);
        var error = Assert.Throws<BadInputException>(() => file.Floats("../../etc/x\n\u001b[2J", 2));
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    private static string AssertRefused(byte[] header, int dataBytes)
    {
        var bytes = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)header.Length);
        header.CopyTo(bytes, 8);

        var error = Assert.Throws<BadInputException>(() => SafetensorsFile.Parse(bytes, "hostile"));

        Assert.StartsWith("hostile: ", error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
        return error.Message;
    }

    [Fact]
    public void Floats_OfAnotherShape_NamesBothShapes()
    {
        var file = SafetensorsFile.Parse(SafetensorsWriter.ToBytes([new("w", 2, 2, new float[4])]), "blob");

        var error = Assert.Throws<BadInputException>(() => file.Floats("w", 4));

        Assert.Contains("[2, 2]", error.Message);
        Assert.Contains("[4]", error.Message);
    }
}
