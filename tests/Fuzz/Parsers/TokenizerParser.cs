using System.Text.Json.Nodes;
using CoMiGS.Learning.Data;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>tokenizer.json; one that is accepted gives text back.</summary>
internal sealed class TokenizerParser() : Parser(
    "tokenizer.json", "{", "}", "[", "]", ":", ",", "\"", "null", "true", "false", "\"model\"", "\"vocab\"",
    "\"merges\"", "\"type\"", "\"added_tokens\"", "\"content\"", "\"id\"", "\"normalizer\"", "\"BPE\"", "\"Unigram\"",
    "\"ByteLevel\"", "\"<|endoftext|>\"", "\"Ġ\"", "\"t h\"", "[\"t\",\"h\"]", "\"use_regex\"", "\"byte_fallback\"",
    "\"ignore_merges\"")
{
    private const string Sample = "the theme — 123  'll\n";

    /// <summary>As saved, and with merges as pairs on one line, as newer versions write them.</summary>
    public override IReadOnlyList<byte[]> Seeds { get; } = [Tiny.Tokenizer, Compact()];

    public override void Read(string path)
    {
        var tokenizer = Tokenizer.Load(path);
        int[] ids = [.. tokenizer.Encode(Sample)];
        Assert.Equal(Sample, tokenizer.Decode(ids));
        Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
    }

    private static byte[] Compact()
    {
        var json = JsonNode.Parse(Tiny.Tokenizer)!;
        var merges = json["model"]!["merges"]!.AsArray();
        for (var i = 0; i < merges.Count; i++)
        {
            var parts = merges[i]!.GetValue<string>().Split(' ');
            merges[i] = new JsonArray(parts[0], parts[1]);
        }

        return Text(json.ToJsonString());
    }
}
