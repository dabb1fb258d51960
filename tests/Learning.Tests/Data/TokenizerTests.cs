using System.Text;
using System.Text.Json;
using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Tests.Data;

public sealed class TokenizerTests
{
    private static readonly Tokenizer Shipped = Tokenizer.Load(RepositoryFiles.At("data/base/tokenizer.json"));

    /// <summary>Pairs made by golden_tokenizer.py beside this file, which shares no code with the product.</summary>
    public static TheoryData<string, int[]> GoldenPairs()
    {
        var pairs = new TheoryData<string, int[]>();
        using var json = JsonDocument.Parse(
            File.ReadAllBytes(RepositoryFiles.At("tests/Learning.Tests/Data/golden_tokenizer.json")));
        foreach (var pair in json.RootElement.EnumerateArray())
        {
            pairs.Add(
                pair.GetProperty("text").GetString()!,
                [.. pair.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]);
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(GoldenPairs))]
    public void Encode_GoldenText_GivesTheReferenceIds(string text, int[] ids)
    {
        Assert.Equal(ids, Shipped.Encode(text));
        Assert.Equal(text, Shipped.Decode(ids));
        Assert.Equal(text, string.Concat(Shipped.Pieces(ids)));
    }

    [Fact]
    public void DecodeBytes_RandomBytes_RoundTrips()
    {
        for (ulong trial = 0; trial < 200; trial++)
        {
            var random = Randomness.Of(trial);
            var bytes = new byte[random.NextBelow(400)];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)random.NextBelow(trial % 2 == 0 ? 256 : 4);   // odd trials: long repeats
            }

            var ids = Shipped.Encode(bytes);
            Assert.Equal(bytes, Shipped.DecodeBytes(ids.ToArray()));
            Assert.All(ids, id => Assert.InRange(id, 0, Shipped.VocabularySize - 1));
        }
    }

    [Fact]
    public void Encode_MegabyteOfOneSymbol_TakesNoQuadraticTime() =>
        Assert.InRange(Shipped.Encode(new string('=', 1 << 20)).Count, 1, 1 << 20);

    [Fact]
    public void Pieces_CharacterOfSeveralTokens_BelongsToTheLast()
    {
        var ids = Shipped.Encode("日").ToArray();
        Assert.True(ids.Length > 1);
        Assert.Equal([.. Enumerable.Repeat("", ids.Length - 1), "日"], Shipped.Pieces(ids));
        Assert.Equal(["\uFFFD"], Shipped.Pieces(ids.AsSpan(0, 1)));
    }

    [Fact]
    public void Train_SameTexts_LearnsTheSameMerges()
    {
        string[] texts = ["the theme of the thesis", "then there is the other"];
        var first = TokenizerTrainer.Train(texts, 262);
        Assert.Equal(first.MergesInOrder, TokenizerTrainer.Train(texts, 262).MergesInOrder);

        // By hand: "h e" and "t h" both stand 7 times (after a space or not), "h" has the smaller id; then "t he".
        Assert.Equal(["he", "the", " the"], Enumerable.Range(256, 3).Select(id => first.Decode([id])));
        Assert.Equal("<|endoftext|>", first.Decode([first.EndOfText]));
        Assert.Equal(261, first.EndOfText);
    }

    [Fact]
    public void Train_VocabularyLargerThanTheTexts_SaysHowManyTokensThereAre() =>
        Assert.Contains("yield 258 tokens only", Assert.Throws<BadInputException>(
            () => TokenizerTrainer.Train(["aa"], 300)).Message);

    [Fact]
    public void Save_LoadedTokenizer_WritesTheSameBytes()
    {
        var path = Path.GetTempFileName();
        Shipped.Save(path);
        Assert.Equal(File.ReadAllBytes(RepositoryFiles.At("data/base/tokenizer.json")), File.ReadAllBytes(path));
        File.Delete(path);
    }

    [Theory]
    [InlineData("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "model.type is Unigram, but only BPE")]
    [InlineData("\"type\": \"ByteLevel\"", "\"type\": \"Metaspace\"", "pre_tokenizer.type is Metaspace")]
    [InlineData("\"add_prefix_space\": false", "\"add_prefix_space\": true", "add_prefix_space is True")]
    [InlineData("\"vocab\"", "\"vocabulary\"", "the key 'model.vocab' is missing")]
    [InlineData("\"content\"", "\"contents\"", "the key 'added_tokens[0].content' is missing")]
    [InlineData("\"content\": \"<|endoftext|>\"", "\"content\": null", "'added_tokens[0].content' is null, but must")]
    [InlineData("\"A\": 32,", "\"A\": 1.5,", "'model.vocab.A' is 1.5, but must be a whole number from 0")]
    [InlineData("\"use_regex\": true", "\"use_regex\": 1", "'pre_tokenizer.use_regex' is 1, but must be true or")]
    [InlineData("\"added_tokens\": [", "\"added_tokens\": 7, \"x\": [", "'added_tokens' is 7, but must be a list")]
    [InlineData("\"A\": 32,", "\"A\": 3200,", "'A' has id 3200")]
    [InlineData("\"A\": 32,", "\"A\": \"x\",", "'model.vocab.A' is \"x\", but must be a whole number")]
    [InlineData("\"Ġ t\"", "\"Ġ tq\"", "merge 0 is")]
    [InlineData("\"<|endoftext|>\",", "\"<|end|>\",", "added_tokens has no <|endoftext|>")]
    [InlineData("{", "", "not valid JSON")]
    public void Load_DamagedFile_SaysWhatAndWhere(string from, string to, string expected)
    {
        var path = Path.GetTempFileName();
        var text = File.ReadAllText(RepositoryFiles.At("data/base/tokenizer.json"));
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0);
        File.WriteAllText(path, text[..at] + to + text[(at + from.Length)..], new UTF8Encoding(false));

        var message = Assert.Throws<BadInputException>(() => Tokenizer.Load(path)).Message;
        Assert.Contains(path, message);
        Assert.Contains(expected, message);
        File.Delete(path);
    }
}
