using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoMiGS.Learning.Data;

/// <summary>
/// Hugging Face's <c>tokenizer.json</c> for the one kind computed here: byte-level BPE without normaliser, prefix space
/// or byte fallback (GPT-2's own file is one). Any other kind is refused by name: silently other tokens would be worse.
/// </summary>
internal static class TokenizerFile
{
    public const string EndOfText = "<|endoftext|>";

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    public static void Save(Tokenizer tokenizer, string path)
    {
        var vocabulary = new JsonObject();
        for (var id = 0; id < tokenizer.VocabularySize; id++)
        {
            vocabulary[TextOf(tokenizer, id)] = id;
        }

        var merges = tokenizer.MergesInOrder
            .Select(m => (JsonNode)$"{TextOf(tokenizer, m.Left)} {TextOf(tokenizer, m.Right)}");
        var file = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(new JsonObject
            {
                ["id"] = tokenizer.EndOfText,
                ["content"] = EndOfText,
                ["single_word"] = false,
                ["lstrip"] = false,
                ["rstrip"] = false,
                ["normalized"] = false,
                ["special"] = true,
            }),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(),
            ["post_processor"] = null,
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. merges]),
            },
        };
        File.WriteAllText(path, file.ToJsonString(Readable) + "\n");
    }

    public static Tokenizer Load(string path)
    {
        var root = JsonField.Read(path);
        var (model, splitter) = (root["model"], root["pre_tokenizer"]);
        Require(path, "model.type", TypeOf(model), "BPE");
        Require(path, "pre_tokenizer.type", TypeOf(splitter), "ByteLevel");
        Require(path, "normalizer.type", root.Find("normalizer") is { } n ? TypeOf(n) : "null", "null");
        foreach (var (owner, key, expected) in new[]
        {
            (splitter, "add_prefix_space", false),
            (splitter, "use_regex", true),
            (model, "byte_fallback", false),
            (model, "ignore_merges", false),
        })
        {
            if (owner.Find(key) is { } flag && flag.Flag() != expected)
            {
                Require(path, flag.Key, $"{!expected}", $"{expected}");
            }
        }

        var special = SpecialTokens(root["added_tokens"]);
        var idOfText = IdOfText(model["vocab"], special);
        return new Tokenizer(
            BytesOfTokens(path, idOfText, special),
            [.. model["merges"].Items().Select((m, rank) => Merge(path, m, rank, idOfText))],
            special[EndOfText]);
    }

    private static Dictionary<string, int> SpecialTokens(JsonField list)
    {
        Dictionary<string, int> special = [];
        foreach (var token in list.Items())
        {
            var content = token["content"];
            if (!special.TryAdd(content.Text(), IdOf(token["id"])))
            {
                throw new BadInputException(
                    $"{list.File}: '{content.Key}' is '{content.Text()}', which stands there before.");
            }
        }

        return special.ContainsKey(EndOfText)
            ? special
            : throw new BadInputException($"{list.File}: added_tokens has no {EndOfText}, which separates documents.");
    }

    private static int IdOf(JsonField id) => id.Whole(0, int.MaxValue);

    private static Dictionary<string, int> IdOfText(JsonField vocabulary, Dictionary<string, int> special)
    {
        var idOfText = new Dictionary<string, int>(special);
        foreach (var (text, field) in vocabulary.Entries())
        {
            var id = IdOf(field);
            if (!idOfText.TryAdd(text, id) && idOfText[text] != id)
            {
                throw new BadInputException(
                    $"{vocabulary.File}: '{text}' has two ids, {idOfText[text]} and {id}; every token has one.");
            }
        }

        return idOfText;
    }

    private static byte[][] BytesOfTokens(
        string path, Dictionary<string, int> idOfText, Dictionary<string, int> special)
    {
        var bytesOfToken = new byte[idOfText.Count][];
        foreach (var (text, id) in idOfText)
        {
            if (id >= bytesOfToken.Length || bytesOfToken[id] is not null)
            {
                throw new BadInputException(
                    $"{path}: '{text}' has id {id}, but the {bytesOfToken.Length} tokens must have the ids from 0 to "
                    + $"{bytesOfToken.Length - 1}, each once.");
            }

            bytesOfToken[id] = (special.ContainsKey(text) ? Encoding.UTF8.GetBytes(text) : ByteAlphabet.BytesOf(text))
                ?? throw new BadInputException($"{path}: '{text}' (id {id}) is not in the byte-level alphabet.");
        }

        foreach (var b in ByteAlphabet.InVocabularyOrder)
        {
            if (!idOfText.ContainsKey(ByteAlphabet.TextOf([b])))
            {
                throw new BadInputException($"{path}: vocab has no token for byte {b}; each of the 256 needs one.");
            }
        }

        return bytesOfToken;
    }

    /// <summary>"left right", or ["left", "right"] as newer versions write it.</summary>
    private static (int Left, int Right, int Token) Merge(
        string path, JsonField merge, int rank, Dictionary<string, int> idOfText)
    {
        var parts = merge.Value.ValueKind == JsonValueKind.Array
            ? [.. merge.Items().Select(part => part.Text())]
            : merge.Text().Split(' ');
        if (parts.Length == 2
            && idOfText.TryGetValue(parts[0], out var left)
            && idOfText.TryGetValue(parts[1], out var right)
            && idOfText.TryGetValue(parts[0] + parts[1], out var token))
        {
            return (left, right, token);
        }

        throw new BadInputException(
            $"{path}: merge {rank} is {merge.Value.GetRawText()}, but must be two tokens whose concatenation is one "
            + "too.");
    }

    private static void Require(string path, string key, string actual, string expected)
    {
        if (actual != expected)
        {
            throw new BadInputException(
                $"{path}: {key} is {actual}, but only {expected} is supported (byte-level BPE).");
        }
    }

    private static string TypeOf(JsonField field) =>
        field.Value.ValueKind == JsonValueKind.Null ? "null" : field["type"].Text();

    private static string TextOf(Tokenizer tokenizer, int id) =>
        id == tokenizer.EndOfText ? EndOfText : ByteAlphabet.TextOf(tokenizer.BytesOf(id));

    private static JsonObject ByteLevel() => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = false,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };
}
