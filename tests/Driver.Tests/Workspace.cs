using CoMiGS.Learning.Data;
using CoMiGS.Learning.Model;

namespace CoMiGS.Driver.Tests;

/// <summary>A folder of its own with everything a tiny run reads: base model, tokenizer, shards of two users, run
/// file.</summary>
internal sealed class Workspace : IDisposable
{
    public const int Positions = 16;
    private const int Vocabulary = 257;   // bytes and the end of text
    private const int Width = 8;

    public Workspace()
    {
        Directory.CreateDirectory(At("base"));
        File.WriteAllText(At("base/config.json"), $$"""
            { "n_layer": 2, "n_head": 2, "n_embd": {{Width}}, "vocab_size": {{Vocabulary}},
                "n_positions": {{Positions}} }
            """);
        File.WriteAllBytes(At("base/model.safetensors"), SafetensorsWriter.ToBytes([.. BaseTensors()]));
        TokenizerTrainer.Train(["some text"], Vocabulary).Save(At("base/tokenizer.json"));
        foreach (var user in new[] { "a", "b" })
        {
            Directory.CreateDirectory(At($"data/{user}"));
            File.WriteAllText(At($"data/{user}/sample.txt"), $"A sentence of {user}.");
            foreach (var split in new[] { "train", "valid", "test" })
            {
                WriteShard(user, split, 200);
            }
        }

        WriteRunFile("");
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("comigs-driver-tests-").FullName;

    public string RunFile => At("run.yaml");

    public string At(string path) => Path.Combine(Folder, path);

    public void WriteShard(string user, string split, int tokens) =>
        TokenStream.Write(
            At($"data/{user}/{split}.bin"), [.. Enumerable.Range(0, tokens).Select(i => i * 7 % Vocabulary)]);

    /// <summary>A run file that works, and further lines.</summary>
    public void WriteRunFile(string lines) => File.WriteAllText(RunFile, $$"""
        name: tiny
        rounds: 2
        baselines: [fedavg]
        targets: [own, mixture]
        base: base
        data: { folder: data }
        users: [b, a]
        training: { localSteps: 2, microBatch: 1, sequenceLength: 8 }
        router: { every: 2, iterations: 1 }
        evaluation: { every: 1, tokens: 32 }
        experts: { mlpRank: 2, attentionRank: 2 }

        """ + lines);

    /// <summary>The program, in this process.</summary>
    public static async Task<Answer> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await Cli.RunAsync(args, output, error);
        return new(code, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static IEnumerable<TensorToWrite> BaseTensors()
    {
        yield return Filled("wte.weight", Vocabulary, Width);
        yield return Filled("wpe.weight", Positions, Width);
        for (var layer = 0; layer < 2; layer++)
        {
            foreach (var norm in new[] { "ln_1", "ln_2" })
            {
                yield return Filled($"h.{layer}.{norm}.weight", 0, Width);
                yield return Filled($"h.{layer}.{norm}.bias", 0, Width);
            }

            foreach (var (name, inputs, outputs) in new[]
            {
                ("attn.c_attn", Width, 3 * Width), ("attn.c_proj", Width, Width),
                ("mlp.c_fc", Width, 4 * Width), ("mlp.c_proj", 4 * Width, Width),
            })
            {
                yield return Filled($"h.{layer}.{name}.weight", inputs, outputs);
                yield return Filled($"h.{layer}.{name}.bias", 0, outputs);
            }
        }

        yield return Filled("ln_f.weight", 0, Width);
        yield return Filled("ln_f.bias", 0, Width);
    }

    private static TensorToWrite Filled(string name, int rows, int columns)
    {
        var random = Randomness.Of(1, Randomness.Key(name));
        var values = new float[Math.Max(rows, 1) * columns];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(0.2 * random.NextNormal());
        }

        return new(name, rows, columns, values);
    }
}

/// <summary>What a person would have seen.</summary>
internal sealed record Answer(int ExitCode, string Output, string Error)
{
    /// <summary>Bad input: exit code 2 and one line, which says all the words.</summary>
    public void AssertBadInput(params ReadOnlySpan<string> words)
    {
        Assert.Equal(2, ExitCode);
        Assert.Equal(1, Error.Count(c => c == '\n'));
        Assert.EndsWith("\n", Error);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        foreach (var word in words)
        {
            Assert.Contains(word, Error, StringComparison.Ordinal);
        }
    }
}
