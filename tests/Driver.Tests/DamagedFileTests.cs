using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text;
using CoMiGS.Results.RunFiles;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Model;

namespace CoMiGS.Driver.Tests;

/// <summary>Goal and method of <see cref="BadInputTests"/>, for what stands inside the files a run reads, and for the
/// commands beside run and plan.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private const string Header = "user,flops,upBytesPerSecond,downBytesPerSecond\n";
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("base/config.json", "\"n_layer\": 2", "\"n_layer\": 1e9", "'n_layer' is 1e9", "from 1 to 1000")]
    [InlineData("base/config.json", "\"n_head\": 2", "\"n_head\": 3", "'n_embd' 8", "'n_head' 3")]
    [InlineData("base/config.json", "{ ", "{ \"activation_function\": \"\\ud800\", ", "not valid JSON")]
    [InlineData("base/config.json", "{ ", "{ \"n_inner\": 7, ", "'n_inner' is 7", "only 32")]
    [InlineData("base/tokenizer.json", "\"BPE\"", "\"Unigram\"", "model.type is Unigram", "only BPE")]
    [InlineData("base/tokenizer.json", "\"<|endoftext|>\": 256", "\"<|endoftext|>\": 999", "two ids")]
    [InlineData("base/tokenizer.json", "\"A\": ", "\"AA\": ", "no token for byte 65")]
    [InlineData("base/tokenizer.json", "\"vocab\"", "\"vocabulary\"", "'model.vocab' is missing")]
    [InlineData("base/tokenizer.json", "\"merges\": [", "\"merges\": [\"A BB\"", "merge 0", "two tokens")]
    [InlineData("base/model.safetensors", "\"F32\"", "\"Q32\"", "tensor 'wte.weight'", "type 'Q32'")]
    [InlineData("base/model.safetensors", "[257,8]", "[257,1.5]", "'wte.weight.shape[1]' is 1.5", "from 0 to")]
    [InlineData("base/model.safetensors", "[257,8]", "[258,8]", "tensor 'wte.weight'", "needs 8256 bytes")]
    [InlineData("base/model.safetensors", "[257,8]", "[8,257]", "'wte.weight' is [8, 257]", "needs [257, 8]")]
    [InlineData("base/model.safetensors", "[0,8224]", "[1,8225]", "tensor 'wte.weight' begins at byte 1")]
    public async Task Plan_DamagedBase_SaysWhichFileAndWhat(string file, string from, string to, params string[] words)
    {
        Replace(file, from, to);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput([file, .. words]);
    }

    [Theory]
    [InlineData("h.2.ln_1.weight", false)]
    [InlineData("score.weight", false)]
    [InlineData("h.1.attn.bias", true)]
    [InlineData("h.0.attn.masked_bias", true)]
    public async Task Plan_BaseWithOneTensorMore_IsRefusedUnlessItIsAMask(string name, bool isFine)
    {
        var path = workspace.At("base/model.safetensors");
        var file = SafetensorsFile.Open(path);
        var tensors = file.TensorNames.Select(tensor =>
        {
            int[] shape = [.. file.Shape(tensor)];
            return new TensorToWrite(tensor, shape.Length == 2 ? shape[0] : 0, shape[^1], file.Floats(tensor, shape));
        });
        File.WriteAllBytes(path, SafetensorsWriter.ToBytes([.. tensors, new(name, 0, 1, new float[1])]));

        var answer = await Workspace.RunAsync("plan", workspace.RunFile);

        if (isFine)
        {
            Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        }
        else
        {
            answer.AssertBadInput(path, $"the tensor '{name}' is none of", "'n_layer' 2");
        }
    }

    [Theory]
    [InlineData("", "devices.csv is empty")]
    [InlineData(Header, "devices.csv: user 'a' of the run has no row")]
    [InlineData("user,flops\na,1e9\n", "devices.csv:1: the column 'upBytesPerSecond' is missing")]
    [InlineData("user,user,flops,upBytesPerSecond,downBytesPerSecond\n", "devices.csv:1: the column 'user'", "twice")]
    [InlineData(Header + "a,1e9,1e6,1e6\nb,1e99,1e6,1e6\n", "devices.csv:3: 'flops' is '1e99'", "to 1E+18")]
    [InlineData(Header + "a,1e9,1e6,1e6\nb,1e9,NaN,1e6\n", "devices.csv:3: 'upBytesPerSecond' is 'NaN'", "from 1 to")]
    [InlineData(Header + "a,1e9,1e6,1e6\nb,1e9,1e6\n", "devices.csv:3: the row has 3 fields")]
    [InlineData(Header + "a,1e9,1e6,1e6\na,1e9,1e6,1e6\n", "devices.csv:3: 'user' is 'a'", "already")]
    public async Task Plan_DamagedDevices_SaysWhichLine(string table, params string[] words)
    {
        File.WriteAllText(workspace.At("devices.csv"), table);
        workspace.WriteRunFile("devices: { file: devices.csv }");
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(words);
    }

    [Theory]
    [InlineData("run.yaml")]
    [InlineData("base/config.json")]
    [InlineData("base/tokenizer.json")]
    [InlineData("devices.csv")]
    public async Task Plan_ByteOrderMarkAndWindowsLineEnds_AreNoDamage(string file)
    {
        File.WriteAllText(workspace.At("devices.csv"), Header + "a,1e9,1e6,1e6\nb,1e9,1e6,1e6\n");
        workspace.WriteRunFile("devices: { file: devices.csv }");
        var text = File.ReadAllText(workspace.At(file)).ReplaceLineEndings("\r\n");
        File.WriteAllText(workspace.At(file), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal((0, ""), await Ended(Workspace.RunAsync("plan", workspace.RunFile)));
    }

    [Theory]
    [InlineData("", "dataset.json: not valid JSON at line 1")]
    [InlineData("{ \"vocabularySize\": 257 }", "dataset.json: the key 'users' is missing")]
    [InlineData("{ \"vocabularySize\": 2.5, \"users\": {} }", "dataset.json: 'vocabularySize' is 2.5", "whole number")]
    [InlineData("{ \"vocabularySize\": 257, \"users\": {} }", "dataset.json has no train shard of user 'a'")]
    [InlineData(
        "{ \"vocabularySize\": 257, \"users\": { \"a\": { \"train\": "
        + "{ \"file\": \"/dev/zero\", \"tokens\": 1, \"sha256\": \"\" } } } }",
        "dataset.json: 'users.a.train.file' is '/dev/zero'", "must be 'a/train.bin'")]
    public async Task Plan_DamagedManifest_SaysWhat(string manifest, params string[] words)
    {
        File.WriteAllText(workspace.At("data/dataset.json"), manifest);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(words);
    }

    [Theory]
    [InlineData("run.json", "\"users\": 2", "\"users\": 2000000000", "'users' is 2000000000", "to 256")]
    [InlineData("run.json", "\"name\": \"comigs-2s\"", "\"name\": \"\\ud800\"", "not valid JSON")]
    [InlineData("run.json", "\"micro_batch_size\": 9", "\"micro_batch_size\": 4096", "but the run consumes number 1")]
    [InlineData("run.json", "\"n_layer\": 1", "\"n_layer\": 1000", "tensors.safetensors: there is no tensor")]
    [InlineData("run.json", "\"sequence_length\": 7", "\"sequence_length\": 65536", "'model.n_positions' is 7")]
    [InlineData("tensors.safetensors", "\"I64\"", "\"F64\"", "has type F64, but I64 is needed")]
    [InlineData("tensors.safetensors", "\"shape\": [", "\"shape\": -", "the safetensors header is not valid")]
    public async Task Replay_DamagedRecording_SaysWhichFileAndWhat(
        string file, string from, string to, params string[] words)
    {
        Directory.CreateDirectory(workspace.At("recording"));
        foreach (var name in new[] { "run.json", "tensors.safetensors" })
        {
            File.Copy(Repository.At($"tests/fixtures/comigs-2s/{name}"), workspace.At($"recording/{name}"));
        }

        Replace($"recording/{file}", from, to);
        (await Workspace.RunAsync("replay", workspace.At("recording"))).AssertBadInput(words);
    }

    [Theory]
    [InlineData("corpus.jsonl", "", "corpus.jsonl has no document")]
    [InlineData("corpus.jsonl", "{\"text\": \"\\ud800\"}", "corpus.jsonl:1: the line is not valid JSON")]
    [InlineData("corpus.csv", "text,label\n", "corpus.csv has no document")]
    [InlineData("corpus.csv", "text,label\n\"a,b\n", "corpus.csv:2: ")]
    [InlineData("corpus.txt", "", "corpus.txt is empty")]
    public async Task Partition_DamagedCorpus_SaysWhere(string file, string text, params string[] words)
    {
        File.WriteAllText(workspace.At(file), text);
        (await Workspace.RunAsync(
            "data", "partition", workspace.At(file), "--by", "label",
            "--tokenizer", workspace.At("base/tokenizer.json"), "--out", workspace.At("shared"))).AssertBadInput(words);
        Assert.False(Directory.Exists(workspace.At("shared")));
    }

    [Fact]
    public async Task Tokenize_EmptyText_SaysSoAndWritesNothing()
    {
        File.WriteAllText(workspace.At("empty.txt"), "");
        var answer = await Workspace.RunAsync(
            "tokenize", workspace.At("empty.txt"), "--tokenizer", workspace.At("base/tokenizer.json"), "--out",
            workspace.At("shard"));
        answer.AssertBadInput("empty.txt is empty");
        Assert.False(File.Exists(workspace.At("shard")));
    }

    [Fact]
    public async Task Compare_DamagedRunFileOfResults_NamesIt()
    {
        Directory.CreateDirectory(workspace.At("results"));
        File.WriteAllText(workspace.At("results/run.yaml"), "name: [");
        File.WriteAllText(workspace.At("results/summary.json"), "{}");
        (await Workspace.RunAsync("compare", workspace.At("results")))
            .AssertBadInput("results/run.yaml", "not valid YAML");
    }

    [Theory]
    [InlineData("summary.json", "\"arms\"", "\"arm\"", "summary.json is damaged")]
    [InlineData("summary.json", "\"elapsedSeconds\": ", "\"elapsedSeconds\": 1e300, \"x\": ", null)]
    [InlineData("summary.json", "\"method\": \"comigs-1g1s\"", "\"method\": \"none\"", "summary.json is damaged")]
    [InlineData("summary.json", "\"id\": \"a\"", "\"id\": null", "summary.json is damaged")]
    [InlineData("traces.json", "\"tokens\":[", "\"tokens\":[\"one more\",", "traces.json is damaged")]
    [InlineData("traces.json", "[", "[null,", "traces.json is damaged")]
    [InlineData("metrics.jsonl", "\"id\":\"a\"", "\"id\":null", "metrics.jsonl holds")]
    [InlineData("metrics.jsonl", "\"id\":\"a\"", "\"id\":\"b\"", "metrics.jsonl holds")]
    [InlineData("metrics.jsonl", "\"missing\":[]", "\"missing\":[null]", "metrics.jsonl holds")]
    public async Task Report_DamagedResults_NamesTheFileOrGoesAsFarAsItCan(
        string file, string from, string to, string? words)
    {
        await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("out"), "--set", "targets=[own]");
        Replace($"out/{file}", from, to);
        var answer = await Workspace.RunAsync("report", workspace.At("out"));
        if (words is null)
        {
            Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        }
        else
        {
            answer.AssertBadInput(words);
        }
    }

    /// <summary>A range of whole numbers rounds: it would let 1.4 pass as at most 1, and end at numbers that no int
    /// holds.</summary>
    [Fact]
    public void Ranges_AreOfTheTypeOfTheirValues()
    {
        var wrong =
            from assembly in new[] { typeof(RunFile).Assembly, typeof(RunSpec).Assembly }
            from type in assembly.GetTypes()
            from property in type.GetProperties()
            let range = property.GetCustomAttribute<RangeAttribute>()
            where range is not null
            let value = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType
            where range.OperandType != value
            select $"{type.Name}.{property.Name} is {value.Name}, its range {range.OperandType.Name}";
        Assert.Empty(wrong);
    }

    private static async Task<(int, string)> Ended(Task<Answer> answer) =>
        ((await answer).ExitCode, (await answer).Error);

    /// <summary>Bytes that mean something else; as many as before where the file has offsets.</summary>
    private void Replace(string file, string from, string to)
    {
        var text = File.ReadAllText(workspace.At(file), Encoding.Latin1);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{file} has no {from}");
        File.WriteAllText(workspace.At(file), text[..at] + to + text[(at + from.Length)..], Encoding.Latin1);
    }
}
