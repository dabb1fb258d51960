using System.Text;
using CoMiGS.Learning.Data.Partitioning;

namespace CoMiGS.Learning.Tests.Data;

/// <summary>Goal: a corpus is read as it is meant, and what is wrong in it is named by file and line.</summary>
public sealed class DocumentReaderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("corpus").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Read_JsonLines_TakesTheNamedFields()
    {
        var path = Write("a.jsonl", """
            {"body": "one\ntwo", "kind": 3, "by": "ann", "more": [1]}

            {"body": "three", "kind": null}
            """);
        Assert.Equal(
            [new("one\ntwo", "3", "ann", $"{path}:1"), new("three", null, null, $"{path}:3")],
            DocumentReader.Read([path], new("body", "kind", "by")));
    }

    [Theory]
    [InlineData("a.csv", ',')]
    [InlineData("a.tsv", '\t')]
    public void Read_Table_UnderstandsQuotesAndCountsLines(string name, char delimiter)
    {
        var path = Write(name, "\uFEFFuser,text,label\r\nann,\"one, \"\"1\"\"\nand two\",x\r\n\r\n,three,y\r\n"
            .Replace(',', delimiter));
        Assert.Equal(
            [
                new($"one{delimiter} \"1\"\nand two", "x", "ann", $"{path}:2"),
                new LabelledDocument("three", "y", null, $"{path}:5"),
            ],
            DocumentReader.Read([path], new()));
    }

    [Fact]
    public void Read_Text_SeparatesAtFormFeeds()
    {
        var path = Write("news.txt", "one\ntwo\n\f\nthree\f not alone\n\f\n");
        Assert.Equal(
            [new("one\ntwo\n", "news", null, $"{path}:1"), new("three\f not alone\n", "news", null, $"{path}:4")],
            DocumentReader.Read([path], new()));
    }

    [Fact]
    public void Read_TextOfAWindowsEditor_IsTheSameDocuments()
    {
        var path = Write("news.txt", "\uFEFFone\r\n\f\r\ntwo\r\n\f\r\n");
        Assert.Equal(
            [new("one\r\n", "news", null, $"{path}:1"), new("two\r\n", "news", null, $"{path}:3")],
            DocumentReader.Read([path], new()));
    }

    [Fact]
    public void Read_Folder_TakesLabelsFromFirstNames()
    {
        Write("x/b/deep/2.txt", "two");
        Write("x/b/1.txt", "one");
        Write("x/a.txt", "zero");
        Write("x/README", "not a text");
        Assert.Equal(
            [("zero", "a"), ("one", "b"), ("two", "b")],
            DocumentReader.Read([Path.Combine(folder, "x")], new()).Select(one => (one.Text, one.Label!)));
    }

    [Theory]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"text\": ", ":2: the line is not valid JSON.")]
    [InlineData("a.jsonl", "{\"text\": \"a\", \"text\": \"b\"}", ":1: the line is not valid JSON.")]
    [InlineData("a.jsonl", "[1]", ":1: the line must be a JSON object.")]
    [InlineData("a.jsonl", "\n\n{\"body\": \"a\"}", ":3: the field 'text' is missing.")]
    [InlineData("a.jsonl", "{\"text\": 3}", ":1: the field 'text' must be text.")]
    [InlineData("a.jsonl", "{\"text\": \" \\n\"}", ":1: the field 'text' is empty.")]
    [InlineData("a.jsonl", "{\"text\": \"a\", \"label\": {}}", ":1: the field 'label' must be text or a number.")]
    [InlineData("a.csv", "", " is empty; it should start with a header.")]
    [InlineData("a.csv", "body,label\nx,y", ":1: the column 'text' is missing; there are body, label.")]
    [InlineData("a.csv", "text,label\n\"a\nb\",x\nc", ":4: the row has 1 fields, but the header has 2.")]
    [InlineData("a.csv", "text,label\na,b,c", ":2: the row has 3 fields, but the header has 2.")]
    [InlineData("a.csv", "text,label\n\"a\nb\",x\n\n  ,x", ":5: the field 'text' is empty.")]
    [InlineData("a.csv", "text,label\na,b\nc\"d,x", ":3: in the row from here on a quote stands")]
    [InlineData("a.csv", "text,label\n\"a\"b,x", ":2: in the row from here on a quote stands")]
    [InlineData("a.csv", "text,label\na,b\n\"c,x\nd,e\n", ":3: in the row from here on a quote stands")]
    [InlineData("a.jsonl", "{\"text\": \"a\\ud800\"}", ":1: the line is not valid JSON.")]
    [InlineData("a.jsonl", "{\"text\": \"a\", \"\\udc00\": 1}", ":1: the line is not valid JSON.")]
    [InlineData("a.jsonl", "\n \n", " has no document; it should hold at least one.")]
    [InlineData("a.csv", "text,label\r\n\r\n", " has no document; it should hold at least one.")]
    [InlineData("a.csv", "text,label,text\na,b,c", ":1: the column 'text' stands there twice.")]
    [InlineData("a.txt", "", " is empty; it should hold text.")]
    [InlineData("a.txt", "one\ntwo\n\f\n \n\f\nthree", ":4: the document is empty.")]
    [InlineData("a.txt", "one\n\f\n\f\n", ":3: the document is empty.")]
    public void Read_SomethingWrong_NamesFileAndLine(string name, string text, string message)
    {
        var path = Write(name, text);
        Assert.StartsWith(path + message, Message(() => DocumentReader.Read([path], new())));
    }

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.csv")]
    [InlineData("a.txt")]
    public void Read_NotUtf8_NamesFileAndLine(string name)
    {
        var path = Write(name, "");
        File.WriteAllBytes(path, [.. "line 1\nline "u8, 0xFF, .. "\nline 3"u8]);
        Assert.Equal($"{path}:2: byte 12 is not UTF-8 text.", Message(() => DocumentReader.Read([path], new())));
    }

    [Fact]
    public void Read_NothingThere_NamesIt()
    {
        var gone = Path.Combine(folder, "gone.csv");
        Assert.Equal($"{gone}: there is no such file.", Message(() => DocumentReader.Read([gone], new())));
        Assert.StartsWith($"{folder} has no .txt file", Message(() => DocumentReader.Read([folder], new())));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    private static string Message(Action action) => Assert.Throws<BadInputException>(action).Message;
}
