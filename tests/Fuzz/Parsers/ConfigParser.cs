using CoMiGS.Learning.Model;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>config.json of a base.</summary>
internal sealed class ConfigParser() : Parser(
    "config.json", "{", "}", "[", "]", ":", ",", "\"", "null", "true", "\"n_embd\"", "\"n_head\"", "\"n_inner\"",
    "\"gelu_new\"", "\"relu\"", "\"activation_function\": ", "\"layer_norm_epsilon\": ", "1e-5", "/* */", "//\n")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text(Tiny.Config),
        Text("""
            {
              "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "bos_token_id": 50256,
              "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768, "n_head": 12,
              "n_layer": 12, "n_positions": 1024, "resid_pdrop": 0.1, "task_specific_params": { "x": [1, 2] },
              "vocab_size": 50257
            }
            """),
    ];

    public override void Read(string path)
    {
        var shape = BaseCheckpointReader.ReadShape(path);
        Assert.True(shape.Width % shape.HeadCount == 0 && shape.ParameterCount > 0);
    }
}
