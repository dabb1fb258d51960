using System.Text;

namespace CoMiGS.Learning.Tests;

public sealed class InputFileTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Read_ByteOrderMark_IsNoPartOfTheText()
    {
        File.WriteAllText(path, "{ \"a\": 1 }", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        Assert.Equal("{ \"a\": 1 }", InputFile.ReadText(path));
        Assert.Equal(1, JsonField.Read(path)["a"].Whole(0, 1));
    }

    [Fact]
    public void ReadText_WrongByteBehindAMark_IsCountedFromTheStartOfTheFile()
    {
        File.WriteAllBytes(path, [0xEF, 0xBB, 0xBF, (byte)'a', (byte)'\n', 0xFF]);
        Assert.Equal($"{path}:2: byte 5 is not UTF-8 text.", Message(() => InputFile.ReadText(path)));
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{ \"a\": 1, \"a\": 1 }", "not valid JSON")]
    [InlineData("{ \"a\": \"\\ud800\" }", "not valid JSON")]
    [InlineData("{ \"\\udc00\": 1 }", "not valid JSON")]
    public void ReadJson_SomethingElse_IsRefused(string text, string words)
    {
        File.WriteAllText(path, text);
        Assert.StartsWith(path, Message(() => InputFile.ReadJson(path)));
        Assert.Contains(words, Message(() => InputFile.ReadJson(path)));
    }

    [Theory]
    [InlineData("a: 'x\r\n   y' is wrong.", "a: 'x y' is wrong.")]
    [InlineData("a: '\u001b[2J\u202e' is wrong.", "a: '\uFFFD[2J\uFFFD' is wrong.")]
    [InlineData("a: no end", "a: no end.")]
    [InlineData("did you mean 'b'?", "did you mean 'b'?")]
    public void BadInput_WhateverItQuotes_IsOneSentenceOnOneLine(string message, string shown) =>
        Assert.Equal(shown, new BadInputException(message).Message);

    [Fact]
    public void BadInput_LongValue_KeepsStartAndEnd()
    {
        var message = new BadInputException($"file: '{new string('x', 1 << 20)}' must be short.").Message;
        Assert.StartsWith("file: 'xxx", message);
        Assert.EndsWith("x' must be short.", message);
        Assert.InRange(message.Length, 100, 1000);
    }

    private static string Message(Action action) => Assert.Throws<BadInputException>(action).Message;
}
