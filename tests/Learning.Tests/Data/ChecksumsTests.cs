using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Tests.Data;

public sealed class ChecksumsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("checksums").FullName;
    private readonly string hash;

    public ChecksumsTests()
    {
        File.WriteAllText(Path.Combine(folder, "a"), "one");
        File.WriteAllText(Path.Combine(folder, "b"), "two");
        hash = ContentHash.Of("one"u8);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("H  a\n")]
    [InlineData("H  a")]
    [InlineData("H *a\r\n")]
    public void Verify_RightFile_IsAccepted(string list)
    {
        Write(list);
        Checksums.Verify(folder);
    }

    [Theory]
    [InlineData("H  a\nH  b\n", "b was changed")]
    [InlineData("H  a\nH  b", "b was changed")]
    [InlineData("H  a\n\nH  b", "SHA256SUMS:2: '' must be")]
    [InlineData("H  a\nH  c", "SHA256SUMS:2: 'c' is listed, but there is no such file")]
    [InlineData("H  ../outside", "SHA256SUMS:1: '../outside' must be a file below")]
    [InlineData("H  x/../../outside", "must be a file below")]
    [InlineData("H  /dev/zero", "SHA256SUMS:1: '/dev/zero' must be a file below")]
    public void Verify_SomethingWrong_NamesIt(string list, string words)
    {
        Write(list);
        Assert.Contains(words, Assert.Throws<BadInputException>(() => Checksums.Verify(folder)).Message);
    }

    private void Write(string list) => File.WriteAllText(
        Path.Combine(folder, Checksums.FileName), list.Replace("H", hash, StringComparison.Ordinal));
}
