using System.Text.Json;

namespace CoMiGS.Learning.Model;

/// <summary>Reads a GPT-2 checkpoint in Hugging Face layout.</summary>
public static class BaseCheckpointReader
{
    /// <summary>Reads FOLDER/config.json and FOLDER/model.safetensors.</summary>
    /// <exception cref="BadInputException">A file is missing or damaged, or describes something other than
    /// GPT-2.</exception>
    public static BaseCheckpoint ReadFolder(string folder)
    {
        var shape = ReadShape(Path.Combine(folder, "config.json"));
        var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        return Read(file, shape, file.Contains("transformer.wte.weight") ? "transformer." : "");
    }

    /// <summary>Sizes from a Hugging Face config.json.</summary>
    /// <exception cref="BadInputException">Missing, damaged, or not GPT-2 as this program computes it.</exception>
    public static ModelShape ReadShape(string path)
    {
        var json = InputFile.ReadJson(path);
        var shape = new ModelShape(
            json.RequireInteger("n_layer", path, 1, 1000), json.RequireInteger("n_head", path, 1, 1000),
            json.RequireInteger("n_embd", path, 1, 100_000), json.RequireInteger("vocab_size", path, 1, 1 << 20),
            json.RequireInteger("n_positions", path, 1, 1 << 20));
        if (shape.Width % shape.HeadCount != 0)
        {
            throw new BadInputException(
                $"{path}: 'n_embd' {shape.Width} is not a multiple of 'n_head' {shape.HeadCount}.");
        }

        var hidden = $"{shape.HiddenWidth}";
        RequireIfPresent(json, path, "n_inner", hidden);
        RequireIfPresent(json, path, "activation_function", "gelu_new");
        RequireIfPresent(json, path, "layer_norm_epsilon", "1e-05", "1e-5", "0.00001");
        return shape;
    }

    /// <summary>Reads the weights named <paramref name="prefix"/> + GPT-2's names ("wte.weight", "h.0.ln_1.weight",
    /// …).</summary>
    /// <exception cref="BadInputException">A weight is missing or has another shape.</exception>
    public static BaseCheckpoint Read(SafetensorsFile file, ModelShape shape, string prefix)
    {
        var embedding = file.Floats(prefix + "wte.weight", shape.VocabularySize, shape.Width);
        if (file.Contains("lm_head.weight")
            && !file.Floats("lm_head.weight", shape.VocabularySize, shape.Width).AsSpan().SequenceEqual(embedding))
        {
            throw new BadInputException(
                $"{file.Name}: 'lm_head.weight' differs from '{prefix}wte.weight'; only tied heads work.");
        }

        return new(
            shape, embedding, file.Floats(prefix + "wpe.weight", shape.PositionCount, shape.Width),
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
        new(file.Floats(name + ".weight", shape.Width), file.Floats(name + ".bias", shape.Width));

    private static LinearWeights ReadLinear(SafetensorsFile file, string name, int inputs, int outputs) =>
        new(file.Floats(name + ".weight", inputs, outputs), file.Floats(name + ".bias", outputs));

    private static void RequireIfPresent(
        JsonElement json, string path, string key, params ReadOnlySpan<string> supported)
    {
        if (json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            && !supported.Contains(value.ToString()))
        {
            throw new BadInputException(
                $"{path}: '{key}' is {value.GetRawText()}, but only {supported[0]} is supported.");
        }
    }
}
