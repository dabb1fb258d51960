using CoMiGS.Learning.Data;
using CoMiGS.Learning.Data.Partitioning;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>A corpus for data partition: read, and given to users by label and by draw.</summary>
internal abstract class CorpusParser(string fileName, params string[] words) : Parser(fileName, words)
{
    public override void Read(string path)
    {
        var documents = DocumentReader.Read([path], new());
        Assert.NotEmpty(documents);
        Assert.DoesNotContain(documents, document => string.IsNullOrWhiteSpace(document.Text));
        FieldPartitioner.ByLabel.Assign(documents);
        new DirichletPartitioner(users: 3, alpha: 0.5, seed: 1).Assign(documents);
    }
}

internal sealed class CsvCorpusParser() : CorpusParser(
    "corpus.csv", ",", "\"", "\"\"", "\n", "\r\n", "text", "label", "user", "\"a\nb\"", ";", "\t")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("text,label,user\nOne text,news,ann\n\"A \"\"quoted\"\", long\ntext\",sport,bob\n\nlast,news,cy\n"),
        Text("\uFEFFlabel,text\r\n7,eins\r\n8,\"zwei, drei\"\r\n"),
    ];
}

internal sealed class TsvCorpusParser() : CorpusParser("corpus.tsv", "\t", "\"", "\n", "\r\n", "text", "label", "user")
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [Text("text\tlabel\nOne, two\tnews\n\"a\tb\"\tsport\n")];
}

internal sealed class JsonLinesCorpusParser() : CorpusParser(
    "corpus.jsonl", "{", "}", "[", "]", ":", ",", "\"", "\"text\"", "\"label\"", "\"user\"", "null", "true", "\n",
    "\\u", "\\ud83d\\ude00", "{\"text\":\"x\",\"label\":\"y\"}\n")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("{\"text\":\"One text\",\"label\":\"news\",\"user\":\"ann\"}\n"
            + "{\"text\":\"Gr\\u00fc\\u00dfe\",\"label\":7}\n"),
        Text("\uFEFF{\"label\":\"a\",\"text\":\"x\",\"more\":[1,{\"b\":null}]}\r\n\r\n"
            + "{\"label\":\"b\",\"text\":\"y\"}\r\n"),
    ];
}

internal sealed class TextCorpusParser() : CorpusParser("corpus.txt", "\f\n", "\f", "\n", "\r\n", "\f\r\n", " ")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
        [Text("One text\nof two lines\n\f\nAnother: ñ, 漢字, 😀\n\f\nThe last\n"), Text("eins\r\n\f\r\nzwei\r\n\f\r\n")];
}

/// <summary>Text for tokenize and tokenizer train: its documents come back out of their tokens.</summary>
internal sealed class TokenizedTextParser() : Parser(
    "text.txt", "\f\n", "\n", "\r\n", "'s", "'ll", " ", "the", "<|endoftext|>", "١٢", "\u00A0", "e\u0301")
{
    private readonly Tokenizer tokenizer = Load();

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [Text("the theme's  thesis\n\f\nnaïve 漢字 123 😀 <|endoftext|>\n"), Text("don't\r\n\f\r\nwe'll\r\n")];

    /// <summary>A word of any length is merged through a queue.</summary>
    public override int BytesPerByte => 1000;

    public override void Read(string path)
    {
        foreach (var document in DatasetBuilder.ReadDocuments(path))
        {
            int[] ids = [.. tokenizer.EncodeDocument(document)];
            Assert.Equal(document, tokenizer.Decode(ids.AsSpan(0, ids.Length - 1)));
            Assert.DoesNotContain(tokenizer.EndOfText, ids[..^1]);
        }
    }

    private static Tokenizer Load()
    {
        Tokenizer? loaded = null;
        Tiny.Written(path =>
        {
            File.WriteAllBytes(path, Tiny.Tokenizer);
            loaded = Tokenizer.Load(path);
        });
        return loaded!;
    }
}
