using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Driver.Tests;

/// <summary>Goal: whatever is wrong with what a person supplied is said in one line, with exit code 2, before anything
/// starts. Method: the program itself, on a workspace with one thing wrong.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("roundz: 3", "run.yaml:12", "key 'roundz' is not known", "'rounds'")]
    [InlineData("seed: -1", "run.yaml:12", "'seed' is '-1'", "whole number")]
    [InlineData("seed: abc", "'seed' is 'abc'")]
    [InlineData("seed: \"1\"", "'seed' is '1'", "whole number")]
    [InlineData("seed: [1]", "'seed' is a list")]
    [InlineData("seed: { a: 1 }", "'seed' has keys below it")]
    [InlineData("seed:", "'seed' has no value")]
    [InlineData("method: comigs", "'comigs' is not known", "did you mean 'comigs-")]
    [InlineData("round: { quorum: 1.5 }", "'round.quorum' is 1.5", "from 0 to 1")]
    [InlineData("round: { quorum: 1.4 }", "'round.quorum' is 1.4", "from 0 to 1")]
    [InlineData("round: { quorum: -0.4 }", "'round.quorum' is -0.4", "from 0 to 1")]
    [InlineData("round: { quorum: 1e300 }", "'round.quorum' is 1E+300", "from 0 to 1")]
    [InlineData("round: { cohort: 1.5 }", "'round.cohort' is '1.5'", "whole number")]
    [InlineData("round: { quorum: .nan }", "'round.quorum'", "a number")]
    [InlineData("round: { quorun: 1 }", "key in 'round' 'quorun'", "'quorum'")]
    [InlineData("round: 3", "'round' is '3'", "keys such as")]
    [InlineData("methods: { fedavg: { trainin: {} } }", "'methods.fedavg' 'trainin'", "'training'")]
    [InlineData(
        "methods: { fedavg: { training: { localSteps: 0 } } }", "'methods.fedavg.training.localSteps' is 0", "from 1")]
    [InlineData("methods: { fedag: {} }", "method 'fedag' is not known", "'fedavg'")]
    [InlineData("methods: 3", "'methods' is '3'")]
    [InlineData("rounds: 3", "not valid YAML", "uplicate")]
    [InlineData("\tx: 3", "run.yaml:1", "not valid YAML")]
    [InlineData("x: [1, 2", "not valid YAML")]
    [InlineData("x: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]", "nested")]
    [InlineData("? [a]\n: 1", "a key must be a word")]
    [InlineData("---\na: 1", "one YAML document")]
    [InlineData("x:\n : 2", "not valid YAML", "a key is missing")]
    public async Task Plan_WrongLine_SaysWhereAndWhat(string line, params string[] words)
    {
        workspace.WriteRunFile(line);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(words);
    }

    [Theory]
    [InlineData("name=../out", "'name' is '../out'", "letters")]
    [InlineData("name=..", "'name' is '..'")]
    [InlineData("rounds=0", "--set rounds", "'rounds' is 0", "from 1")]
    [InlineData("rounds=99999999999", "'rounds' is '99999999999'")]
    [InlineData("rounds=two", "'rounds' is 'two'")]
    [InlineData("rounds=", "--set rounds has no value")]
    [InlineData("rounds", "must have the form key=value")]
    [InlineData("=3", "must have the form key=value")]
    [InlineData("a..b=3", "must have the form key=value")]
    [InlineData("rounds.x=3", "'rounds' has no keys of its own")]
    [InlineData("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q=3", "--set 'a.b.", "17 keys", "at most 16")]
    [InlineData("base=nowhere", "run.yaml: 'base' is '", "nowhere'", "no such folder")]
    [InlineData("base=\"a\\0b\"", "run.yaml: 'base' is", "character 0")]
    [InlineData("data.folder=\"a\\0b\"", "run.yaml: 'data.folder' is", "character 0")]
    [InlineData("data.folder=nowhere", "run.yaml: 'data.folder' is '", "nowhere'", "no such folder")]
    [InlineData("data.evaluate=train", "'data.evaluate' is 'train'", "test or holdout")]
    [InlineData("data.evaluate=holdout", "'data.holdout'")]
    [InlineData("data.holdout=0.9", "'data.holdout' is 0.9", "0.5")]
    [InlineData("users=a", "'users' is 'a'", "a list")]
    [InlineData("users=[]", "'users' is missing")]
    [InlineData("users=[a, a]", "'a' stands twice")]
    [InlineData("users=[../a]", "'../a'", "letters")]
    [InlineData("users=[a, Zoë]", "'Zoë'", "ASCII letters")]
    [InlineData("users=[a, { count: 3 }]", "--set users: 'users[2].id' is missing")]
    [InlineData("users=[a, c]", "c/")]
    [InlineData("users=[{ id: a, expert: 2 }]", "'expert'", "'experts'")]
    [InlineData("users=[{ id: a, experts: 9 }]", "is 9", "from 1 to 8")]
    [InlineData("users=[{ id: a, count: 1000000 }, b]", "run.yaml: 'users' asks for 1000001", "at most 1000000")]
    [InlineData(
        "users=[{ id: a, experts: 3 }, b]", "run.yaml: user 'a' has 3 experts", "everyone has 2", "'comigs-1gks'")]
    [InlineData("users=[{ id: a, mlpRank: 3 }, b]", "run.yaml: ", "mlpRank", "averages them", "averages: products")]
    [InlineData("targets=[]", "'targets' is missing")]
    [InlineData("targets=[owm]", "'owm'", "'own'")]
    [InlineData("targets=[mix]", "'mix'", "'mixture'")]
    [InlineData("targets=[own, own]", "stands twice")]
    [InlineData("baselines=[fedavgg]", "'fedavgg'", "'fedavg'")]
    [InlineData("training.sequenceLength=17", "run.yaml: ", "sequenceLength", "17", "16")]
    [InlineData("training.learningRate=.inf", "'training.learningRate'", "a number")]
    [InlineData("training.moments=half", "'training.moments' is 'half'", "float32 or bfloat16")]
    public async Task Plan_WrongSetting_SaysWhat(string setting, params string[] words)
    {
        (await Workspace.RunAsync("plan", workspace.RunFile, "--set", setting)).AssertBadInput(words);
    }

    [Theory]
    [InlineData("run.yaml")]
    [InlineData("base/config.json")]
    [InlineData("base/model.safetensors")]
    [InlineData("base/tokenizer.json")]
    [InlineData("data/a/train.bin")]
    [InlineData("data/b/valid.bin")]
    [InlineData("data/b/test.bin")]
    public async Task Plan_MissingOrEmptyFile_NamesIt(string file)
    {
        File.WriteAllBytes(workspace.At(file), []);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(file);
        File.Delete(workspace.At(file));
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(file);
        Directory.CreateDirectory(workspace.At(file));
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(file);
    }

    [Theory]
    [InlineData("base/model.safetensors", 0)]
    [InlineData("base/model.safetensors", 40)]
    [InlineData("base/model.safetensors", -1)]
    [InlineData("base/config.json", 0)]
    [InlineData("base/config.json", -1)]
    [InlineData("base/tokenizer.json", 0)]
    [InlineData("base/tokenizer.json", -2)]
    [InlineData("data/a/train.bin", 0)]
    [InlineData("data/a/train.bin", -1)]
    [InlineData("data/b/valid.bin", 7)]
    [InlineData("data/b/test.bin", 7)]
    public async Task Plan_ByteCutOut_NamesTheFile(string file, int position)
    {
        var bytes = File.ReadAllBytes(workspace.At(file)).ToList();
        bytes.RemoveAt(position < 0 ? bytes.Count + position : position);
        File.WriteAllBytes(workspace.At(file), [.. bytes]);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(file);
    }

    [Fact]
    public async Task Plan_AnyByteOfTheRunFileCutOut_EndsInALineOrAPlan()
    {
        var whole = File.ReadAllBytes(workspace.RunFile);
        for (var position = 0; position < whole.Length; position++)
        {
            File.WriteAllBytes(workspace.RunFile, [.. whole[..position], .. whole[(position + 1)..]]);
            var answer = await Workspace.RunAsync("plan", workspace.RunFile);
            if (answer.ExitCode != 0)
            {
                answer.AssertBadInput();
            }
        }
    }

    [Theory]
    [InlineData("x: &a [*a]", "anchors")]
    [InlineData("x: *a", "aliases")]
    [InlineData("x: !!int 3", "tags")]
    [InlineData("x: !thing { a: 1 }", "tags")]
    public async Task Plan_YamlThatPointsAtItself_IsRefused(string line, params string[] words)
    {
        workspace.WriteRunFile(line);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(words);
    }

    [Theory]
    [InlineData("x: ", "[")]
    [InlineData("x: ", "{a: ")]
    [InlineData("x:\n", "- ")]
    [InlineData("x:\n", "? ")]
    public async Task Plan_DeepYaml_IsRefusedAndEndsNothing(string start, string nesting)
    {
        workspace.WriteRunFile(start + string.Concat(Enumerable.Repeat(nesting, 100_000)));
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput("run.yaml:");
    }

    [Theory]
    [InlineData("base/config.json")]
    [InlineData("base/tokenizer.json")]
    public async Task Plan_DeepJson_IsRefusedAndEndsNothing(string file)
    {
        File.WriteAllText(workspace.At(file), new string('[', 100_000));
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(file, "not valid JSON");
    }

    [Theory]
    [InlineData("config.json", 2)]
    [InlineData("model.safetensors", -1)]
    [InlineData("tokenizer.json", -3)]
    public async Task Plan_ChangedFileOfABaseWithChecksums_IsNamed(string file, int position)
    {
        string[] files = ["config.json", "model.safetensors", "tokenizer.json"];
        File.WriteAllLines(workspace.At("base/SHA256SUMS"), files.Select(name =>
            $"{ContentHash.Of(File.ReadAllBytes(workspace.At($"base/{name}")))}  {name}"));
        Assert.Equal(0, (await Workspace.RunAsync("plan", workspace.RunFile)).ExitCode);

        var bytes = File.ReadAllBytes(workspace.At($"base/{file}"));
        bytes[position < 0 ? bytes.Length + position : position] ^= 1;
        File.WriteAllBytes(workspace.At($"base/{file}"), bytes);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(file, "was changed", "SHA256SUMS");
    }

    [Theory]
    [InlineData("", "SHA256SUMS:1")]
    [InlineData("abc  config.json\n", "SHA256SUMS:1", "64 hexadecimal digits")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000000  config.json\n", "SHA256SUMS:1")]
    [InlineData(
        "0000000000000000000000000000000000000000000000000000000000000000  gone\n",
        "SHA256SUMS:1: 'gone'", "no such file")]
    public async Task Plan_DamagedChecksums_SaysWhichLine(string text, params string[] words)
    {
        File.WriteAllText(workspace.At("base/SHA256SUMS"), text);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(words);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public async Task Plan_WeightThatIsNotFinite_NamesTheTensor(float value)
    {
        var path = workspace.At("base/model.safetensors");
        var bytes = File.ReadAllBytes(path);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), value);
        File.WriteAllBytes(path, bytes);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(path, "element", "must be finite");
    }

    [Fact]
    public async Task Plan_MoreStepsThanCanBeCounted_SaysSo()
    {
        (await Workspace.RunAsync(
            "plan", workspace.RunFile, "--set", "rounds=1000000", "--set", "training.localSteps=100000"))
            .AssertBadInput("'rounds' 1000000", "'training.localSteps' 100000");
    }

    [Theory]
    [InlineData("")]
    [InlineData("run.yaml/below")]
    [InlineData("run.yaml")]
    public async Task Run_OutThatIsNoFolder_SaysSo(string folder)
    {
        var path = folder.Length == 0 ? "" : workspace.At(folder);
        (await Workspace.RunAsync("run", workspace.RunFile, "--out", path)).AssertBadInput("--out");
    }

    [Theory]
    [InlineData("RESULTS is ''", "digest", "")]
    [InlineData("RESULTS is ''", "report", "")]
    [InlineData("RESULTS is ' '", "dashboard", " ")]
    [InlineData("FILE is ''", "run", "")]
    [InlineData("FILE is ''", "plan", "")]
    [InlineData("RUN is ''", "faults", "")]
    [InlineData("RUN is ''", "compare", "a", "")]
    [InlineData("--out is ''", "faults", "f.yaml", "--out", "")]
    [InlineData("--out is ''", "compare", "f.yaml", "--out", "")]
    [InlineData("--ready is ''", "silo", "--clustering", "localhost", "--ready", "")]
    [InlineData("TEXT is ''", "tokenizer", "train", "", "--out", "a")]
    public async Task Program_EmptyWord_NamesTheArgument(string words, params string[] args) =>
        (await Workspace.RunAsync(args)).AssertBadInput($"{words}, but must not be empty.");

    [Theory]
    [InlineData("run")]
    [InlineData("compare")]
    [InlineData("faults")]
    public async Task Program_OutBelowAFile_IsRefusedBeforeAnythingRuns(string word)
    {
        workspace.WriteRunFile("faults: [{ kind: crash, users: [a] }]");
        foreach (var place in new[] { workspace.RunFile, workspace.At("run.yaml/below"), "/proc/none" })
        {
            var answer = await Workspace.RunAsync(word, workspace.RunFile, "--out", place);
            answer.AssertBadInput("--out", place);
            Assert.DoesNotContain("runs are there already", answer.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Program_FileThatCannotBeWritten_IsRefusedAndNamed()
    {
        File.WriteAllText(workspace.At("text"), "some text");
        foreach (var path in new[] { "/proc/none", workspace.At("text/below/file") })
        {
            (await TokenizeAsync(path)).AssertBadInput($"--out '{path}' cannot be written");
            (await Workspace.RunAsync("tokenizer", "train", workspace.At("text"), "--out", path))
                .AssertBadInput($"--out '{path}' cannot be written");
            (await Workspace.RunAsync("silo", "--clustering", "localhost", "--ready", path))
                .AssertBadInput($"--ready '{path}' cannot be written");
        }
    }

    [Fact]
    public async Task Tokenize_TextNotUtf8_SaysWhichByteAndWritesNothing()
    {
        File.WriteAllBytes(workspace.At("text"), [(byte)'a', 0xFF]);
        var answer = await Workspace.RunAsync(
            "tokenize", workspace.At("text"), "--tokenizer", workspace.At("base/tokenizer.json"), "--out",
            workspace.At("shard"));
        answer.AssertBadInput("byte 1", "UTF-8");
        Assert.False(File.Exists(workspace.At("shard")));
    }

    [Fact]
    public async Task Tokenize_OutThatIsRead_IsRefusedWhateverItIsCalled()
    {
        File.WriteAllText(workspace.At("text"), "some text");
        Directory.CreateSymbolicLink(workspace.At("other"), workspace.Folder);
        File.CreateSymbolicLink(workspace.At("link"), "text");
        foreach (var path in new[] { "text", "base/../text", "other/text", "link", "base/tokenizer.json" })
        {
            (await TokenizeAsync(path)).AssertBadInput($"--out '{workspace.At(path)}' would overwrite");
        }

        (await Workspace.RunAsync("tokenizer", "train", workspace.At("text"), "--out", workspace.At("link")))
            .AssertBadInput("would overwrite");
        Assert.Equal("some text", File.ReadAllText(workspace.At("text")));
    }

    [Fact]
    public async Task Tokenize_OutInNoFolderOrAFolder_MakesItOrSaysSo()
    {
        File.WriteAllText(workspace.At("text"), "some text");

        Assert.Equal(0, (await TokenizeAsync("mine/a/train.bin")).ExitCode);
        Assert.True(File.Exists(workspace.At("mine/a/train.bin")));
        foreach (var path in new[] { "mine", "mine/b/", "text/train.bin" })
        {
            (await TokenizeAsync(path)).AssertBadInput("--out", workspace.At(path));
        }
    }

    private Task<Answer> TokenizeAsync(string path) => Workspace.RunAsync(
        "tokenize", workspace.At("text"), "--tokenizer", workspace.At("base/tokenizer.json"), "--out",
        workspace.At(path));

    [Theory]
    [InlineData("--listen", "0.0.0.0")]
    [InlineData("--port", "5")]
    public async Task Run_WhereToServeNoPage_IsRefused(string option, string value) =>
        (await Workspace.RunAsync("run", workspace.RunFile, option, value)).AssertBadInput(option, "--dashboard");

    [Fact]
    public async Task Plan_Folder_SaysThatItIsOne() =>
        (await Workspace.RunAsync("plan", workspace.Folder)).AssertBadInput(workspace.Folder, "is a folder");

    [Fact]
    public async Task Plan_RunFileNotUtf8_SaysWhichByte()
    {
        File.WriteAllBytes(workspace.RunFile, [.. "name: "u8, 0xFF, (byte)'\n']);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput("byte 6", "UTF-8");
    }

    [Fact]
    public async Task Plan_ShardShorterThanAWindow_SaysHowLongItMustBe()
    {
        workspace.WriteShard("a", "train", 8);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput("a/train.bin has 8 tokens", "at least 9");
    }

    [Theory]
    [InlineData("'rum' is not known", "rum")]
    [InlineData("'run'", "run")]
    [InlineData("'b'", "run", "a", "b")]
    [InlineData("--threads is '0'", "run", "a", "--threads", "0")]
    [InlineData("--silos is 'x'", "run", "a", "--silos", "x")]
    [InlineData("--device is 'gpu'", "run", "a", "--device", "gpu")]
    [InlineData("--precision is 'half'", "run", "a", "--precision", "half")]
    [InlineData("use --device torch", "run", "a", "--precision", "bfloat16")]
    [InlineData("--format is 'xml'", "methods", "--format", "xml")]
    [InlineData("no such file", "replay", "nowhere")]
    [InlineData("'--tokenizer' is required", "tokenize", "a", "--out", "b")]
    [InlineData("", "tokenizer")]
    public async Task Program_WrongWords_SaysWhich(string word, params string[] args)
    {
        (await Workspace.RunAsync(args)).AssertBadInput(word);
    }
}
