using System.Text.Json;

namespace CoMiGS.Learning.Model;

/// <summary>Reads a GPT-2 checkpoint in Hugging Face layout.</summary>
public static class BaseCheckpointReader
{
    private const string Head = "lm_head.weight";
    private static readonly string[] BlockParts =
        ["ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj"];

    /// <summary>Which tokens see which: constants that older versions of the library saved with the weights.</summary>
    private static readonly string[] Masks = ["attn.bias", "attn.masked_bias"];

    /// <summary>Reads FOLDER/config.json and FOLDER/model.safetensors.</summary>
    /// <exception cref="BadInputException">A file is missing or damaged, or describes something other than
    /// GPT-2.</exception>
    public static BaseCheckpoint ReadFolder(string folder)
    {
        var shape = ReadShape(Path.Combine(folder, "config.json"));
        var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        var prefix = file.Contains("transformer.wte.weight") ? "transformer." : "";
        RequireKnown(file, shape, prefix);
        return Read(file, shape, prefix);
    }

    /// <summary>A weight that nobody reads is a sign of another model than config.json describes.</summary>
    private static void RequireKnown(SafetensorsFile file, ModelShape shape, string prefix)
    {
        string[] names =
        [
            "wte.weight", "wpe.weight", .. Both("ln_f"),
            .. Enumerable.Range(0, shape.LayerCount).SelectMany(layer => BlockParts.SelectMany(Both)
                .Concat(Masks).Select(name => $"h.{layer}.{name}")),
        ];
        var known = names.Select(name => prefix + name).Append(Head).ToHashSet();
        if (file.TensorNames.Where(name => !known.Contains(name)).Min(StringComparer.Ordinal) is { } other)
        {
            throw new BadInputException(
                $"{file.Name}: the tensor '{other}' is none of the model in config.json, GPT-2 with 'n_layer' "
                + $"{shape.LayerCount}.");
        }

        static string[] Both(string name) => [name + ".weight", name + ".bias"];
    }

    /// <summary>Sizes from a Hugging Face config.json.</summary>
    /// <exception cref="BadInputException">Missing, damaged, or not GPT-2 as this program computes it.</exception>
    public static ModelShape ReadShape(string path)
    {
        var json = JsonField.Read(path);
        var shape = ReadShape(json);
        var hidden = $"{shape.HiddenWidth}";
        RequireIfPresent(json, "n_inner", hidden);
        RequireIfPresent(json, "activation_function", "gelu_new");
        RequireIfPresent(json, "layer_norm_epsilon", "1e-05", "1e-5", "0.00001");
        return shape;
    }

    /// <summary>Sizes under the names they have in a config.json.</summary>
    internal static ModelShape ReadShape(JsonField json)
    {
        var shape = new ModelShape(
            json["n_layer"].Whole(1, 1000), json["n_head"].Whole(1, 1000), json["n_embd"].Whole(1, 100_000),
            json["vocab_size"].Whole(1, 1 << 20), json["n_positions"].Whole(1, 1 << 20));
        return shape.Width % shape.HeadCount == 0
            ? shape
            : throw new BadInputException(
                $"{json.File}: 'n_embd' {shape.Width} is not a multiple of 'n_head' {shape.HeadCount}.");
    }

    /// <summary>Reads the weights named <paramref name="prefix"/> + GPT-2's names ("wte.weight", "h.0.ln_1.weight",
    /// …).</summary>
    /// <exception cref="BadInputException">A weight is missing, has another shape, or is not finite.</exception>
    public static BaseCheckpoint Read(SafetensorsFile file, ModelShape shape, string prefix)
    {
        var embedding = Weights(file, prefix + "wte.weight", shape.VocabularySize, shape.Width);
        if (file.Contains(Head)
            && !Weights(file, Head, shape.VocabularySize, shape.Width).AsSpan().SequenceEqual(embedding))
        {
            throw new BadInputException(
                $"{file.Name}: '{Head}' differs from '{prefix}wte.weight'; only tied heads work.");
        }

        return new(
            shape, embedding, Weights(file, prefix + "wpe.weight", shape.PositionCount, shape.Width),
            [.. Enumerable.Range(0, shape.LayerCount).Select(layer => ReadBlock(file, shape, $"{prefix}h.{layer}."))],
            ReadNorm(file, shape, prefix + "ln_f"));
    }

    private static BaseBlock ReadBlock(SafetensorsFile file, ModelShape shape, string prefix)
    {
        int width = shape.Width, hidden = shape.HiddenWidth;
        return new(
            ReadNorm(file, shape, prefix + "ln_1"),
            ReadLinear(file, prefix + "attn.c_attn", width, 3 * width),
            ReadLinear(file, prefix + "attn.c_proj", width, width),
            ReadNorm(file, shape, prefix + "ln_2"),
            ReadLinear(file, prefix + "mlp.c_fc", width, hidden),
            ReadLinear(file, prefix + "mlp.c_proj", hidden, width));
    }

    private static LayerNormWeights ReadNorm(SafetensorsFile file, ModelShape shape, string name) =>
        new(Weights(file, name + ".weight", shape.Width), Weights(file, name + ".bias", shape.Width));

    private static LinearWeights ReadLinear(SafetensorsFile file, string name, int inputs, int outputs) =>
        new(Weights(file, name + ".weight", inputs, outputs), Weights(file, name + ".bias", outputs));

    private static float[] Weights(SafetensorsFile file, string name, params ReadOnlySpan<int> shape)
    {
        var values = file.Floats(name, shape);
        var bad = Array.FindIndex(values, value => !float.IsFinite(value));
        return bad < 0
            ? values
            : throw new BadInputException(FormattableString.Invariant(
                $"{file.Name}: element {bad} of '{name}' is {values[bad]}, but weights must be finite."));
    }

    private static void RequireIfPresent(
        JsonField json, string key, params ReadOnlySpan<string> supported)
    {
        if (json.Find(key) is { Value: var value } && value.ValueKind != JsonValueKind.Null
            && !supported.Contains(value.ToString()))
        {
            throw new BadInputException(
                $"{json.File}: '{key}' is {value.GetRawText()}, but only {supported[0]} is supported.");
        }
    }
}
