using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Tests.Data;

public sealed class TokenStreamTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.bin");

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Open_WrittenShard_GivesTheSameTokens()
    {
        TokenStream.Write(path, [0, 1, 300, 2047]);
        var stream = TokenStream.Open(path, 2048);

        Assert.Equal(4, stream.Length);
        Assert.Equal(300, stream[2]);
        Assert.Equal([0, 0, 1, 0, 0x2C, 1, 0xFF, 7], File.ReadAllBytes(path));   // little-endian: nanoGPT's format
        var copy = new int[2];
        stream.Slice(1, 3).CopyTo(1, copy);
        Assert.Equal([300, 2047], copy);
    }

    [Fact]
    public void Open_EmptyFile_SaysSo() => AssertRefused([], "empty");

    [Fact]
    public void Open_OddByteCount_NamesTheCount() => AssertRefused([1, 0, 2], "3 bytes, an odd number");

    [Fact]
    public void Open_IdOutsideVocabulary_NamesPositionValueAndLimit() =>
        AssertRefused([1, 0, 0, 8], "token 1 (byte 2) is 2048, but the vocabulary ends at 2047");

    [Fact]
    public void Open_MissingFile_NamesTheFile() =>
        Assert.Contains(path, Assert.Throws<BadInputException>(() => TokenStream.Open(path, 2048)).Message);

    [Fact]
    public void Write_IdAbove16Bits_NamesIt() =>
        Assert.Contains("65536", Assert.Throws<BadInputException>(() => TokenStream.Write(path, [65536])).Message);

    [Fact]
    public void CopyTo_PastTheEnd_Throws()
    {
        var stream = TokenStream.Of("s", new ushort[] { 1, 2, 3 }, 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.CopyTo(2, new int[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Slice(1, 3));
    }

    private void AssertRefused(byte[] bytes, string expected)
    {
        File.WriteAllBytes(path, bytes);
        var message = Assert.Throws<BadInputException>(() => TokenStream.Open(path, 2048)).Message;
        Assert.Contains(path, message);
        Assert.Contains(expected, message);
    }
}
