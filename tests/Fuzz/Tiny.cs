using CoMiGS.Learning.Data;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;

namespace CoMiGS.Fuzz;

/// <summary>The smallest contents that are accepted.</summary>
internal static class Tiny
{
    public static ModelShape Model { get; } =
        new(LayerCount: 1, HeadCount: 1, Width: 4, VocabularySize: 5, PositionCount: 4);

    public static AdapterShape Adapters { get; } =
        new(ExpertCount: 2, MlpRank: 1, AttentionRank: 1, Alpha: 8, TopK: 1, HasRouter: true);

    public const string Config =
        """{ "n_layer": 1, "n_head": 1, "n_embd": 4, "vocab_size": 5, "n_positions": 4, "n_inner": null }""";

    public const string RunFile = """
        name: tiny
        rounds: 2
        baselines: [fedavg]
        targets: [own, mixture]
        base: base
        data: { folder: data }
        users: [b, a]

        """;

    public static byte[] BaseModel { get; } = SafetensorsWriter.ToBytes(
    [
        Filled("wte.weight", Model.VocabularySize, Model.Width), Filled("wpe.weight", Model.PositionCount, Model.Width),
        Filled("h.0.ln_1.weight", 0, 4), Filled("h.0.ln_1.bias", 0, 4),
        Filled("h.0.attn.c_attn.weight", 4, 12), Filled("h.0.attn.c_attn.bias", 0, 12),
        Filled("h.0.attn.c_proj.weight", 4, 4), Filled("h.0.attn.c_proj.bias", 0, 4),
        Filled("h.0.ln_2.weight", 0, 4), Filled("h.0.ln_2.bias", 0, 4),
        Filled("h.0.mlp.c_fc.weight", 4, 16), Filled("h.0.mlp.c_fc.bias", 0, 16),
        Filled("h.0.mlp.c_proj.weight", 16, 4), Filled("h.0.mlp.c_proj.bias", 0, 4),
        Filled("ln_f.weight", 0, 4), Filled("ln_f.bias", 0, 4),
    ]);

    /// <summary>Bytes and end of text, and a few merges.</summary>
    public static byte[] Tokenizer { get; } = Written(path =>
        TokenizerTrainer.Train(["the theme of the thesis"], vocabularySize: 262).Save(path));

    public static byte[] Written(Action<string> write)
    {
        var path = Path.GetTempFileName();
        write(path);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    /// <summary>A file beside the one that is read; written once.</summary>
    public static void Beside(string path, string name, ReadOnlySpan<byte> content)
    {
        var other = Path.Combine(Path.GetDirectoryName(path)!, name);
        if (!File.Exists(other))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(other)!);
            File.WriteAllBytes(other, content);
        }
    }

    private static TensorToWrite Filled(string name, int rows, int columns) =>
        new(name, rows, columns, Enumerable.Repeat(0.5f, Math.Max(rows, 1) * columns).ToArray());
}
