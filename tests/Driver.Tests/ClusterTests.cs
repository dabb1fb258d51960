using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace CoMiGS.Driver.Tests;

/// <summary>A cluster of silo processes on this machine, from the command line. Only the official build has one; the
/// offline build says so.</summary>
public sealed class ClusterTests : IDisposable
{
    private readonly Workspace workspace = new();
    private readonly int[] ports = SiloProcess.FreePorts(4);

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task Silo_BuildWithoutClusters_IsRefusedInOneLineThatSaysWhatToDo()
    {
        Assert.SkipWhen(SiloProcess.IsPossible, "This build has clusters.");
        (await Workspace.RunAsync("silo", "--clustering", "localhost")).AssertBadInput("./comigs setup");
        (await Workspace.RunAsync("watch", "--cluster", "localhost")).AssertBadInput("./comigs setup");
    }

    [Fact]
    public async Task Cluster_OfTwoProcesses_RunsToTheBytesOfOne()
    {
        await using var first = await StartAsync(0);
        await using var second = await StartAsync(1);
        Assert.Equal(0, (await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("alone"))).ExitCode);

        var answer = await ClientAsync("run", workspace.RunFile, "--out", workspace.At("together"));

        Assert.True(answer.ExitCode == 0, answer.Error);
        Assert.Contains("round 2/2", answer.Output, StringComparison.Ordinal);
        Assert.Equal(Hashes("alone"), Hashes("together"));
        var rounds = File.ReadAllLines(workspace.At("together/metrics.jsonl")).Select(Parse).ToArray();
        Assert.All(rounds, round => Assert.Equal(2, round.GetProperty("silos").EnumerateObject().Count()));
        Assert.All(rounds, round => Assert.True(round.GetProperty("bytesAcrossSilos").GetInt64() > 0));
        Assert.Equal(0, await second.TerminateAsync());
        Assert.Equal(0, await first.TerminateAsync());
    }

    [Fact]
    public async Task Run_Detached_GoesOnAndIsWatchedToItsEnd()
    {
        await using var silo = await StartAsync(0);

        var detached = await ClientAsync("run", workspace.RunFile, "--out", workspace.At("out"), "--detach");
        var watched = await ClientAsync("watch", "tiny", "--format", "json");
        var list = await ClientAsync("watch", "--format", "json");
        var unknown = await ClientAsync("watch", "teeny");

        Assert.Contains("watch tiny --cluster localhost", detached.Output, StringComparison.Ordinal);
        Assert.True(watched.ExitCode == 0, watched.Error);
        Assert.Equal(File.ReadAllText(workspace.At("out/summary.json")).TrimEnd(), watched.Output.TrimEnd());
        Assert.All(
            Parse(list.Output)[0].GetProperty("runs").EnumerateArray(),
            run => Assert.Equal("finished", run.GetProperty("status").GetProperty("phase").GetString()));
        unknown.AssertBadInput("'teeny'", "did you mean 'tiny'?");
        (await ClientAsync("stop", "teeny")).AssertBadInput("'teeny'", "did you mean 'tiny'?");
    }

    [Fact]
    public async Task Run_DetachedInJson_SaysHowToComeBackToThatCluster()
    {
        await using var silo = await StartAsync(0);

        var detached = await ClientAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--detach", "--format", "json");

        var answer = Parse(detached.Output);
        Assert.Equal("tiny", answer.GetProperty("detached").GetString());
        Assert.Equal(
            $"./comigs watch tiny --cluster localhost --cluster-id test-{ports[0]} --gateway {ports[1]}",
            answer.GetProperty("watch").GetString());
    }

    [Fact]
    public async Task Run_KillingSilosOfACluster_IsRefused()
    {
        workspace.WriteRunFile("faults: [{ kind: killSilo, silo: 2 }]");
        (await ClientAsync("run", workspace.RunFile, "--out", workspace.At("out"))).AssertBadInput(
            workspace.RunFile, "kills silo 2", "without --cluster");
    }

    [Fact]
    public async Task Silo_FirstOneIsNotThere_SaysWhatItWaitsForAndStopsInOneSentence()
    {
        Assert.SkipUnless(SiloProcess.IsPossible, "This build has no clusters.");
        await using var silo = await SiloProcess.StartAsync(
            $"comigs: waiting for the first silo at 127.0.0.1:{ports[0]} ...", onError: true,
            "silo", "--clustering", "localhost", "--primary", $"{ports[0]}", "--silo-port", $"{ports[2]}",
            "--state", workspace.At("state"));

        Assert.Equal(1, await silo.TerminateAsync());
        Assert.Equal("comigs: stopped.\n", await silo.ErrorAsync());
    }

    [Fact]
    public async Task Stop_RunUnderWay_EndsItAndKeepsItsRounds()
    {
        await using var silo = await StartAsync(0);
        await ClientAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--set", "rounds=1000000", "--detach");

        var stopped = await ClientAsync("stop", "tiny", "--format", "json");
        var watched = await ClientAsync("watch", "tiny");

        Assert.True(Parse(stopped.Output).GetProperty("stopped").GetBoolean(), stopped.Error);
        Assert.Equal(1, watched.ExitCode);
        Assert.Contains("was stopped after", watched.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_StoppedRun_GoesOnToTheSameBytes()
    {
        string[] sixty = ["--set", "rounds=60"];
        await using var silo = await StartAsync(0);
        await Workspace.RunAsync(["run", workspace.RunFile, "--out", workspace.At("alone"), .. sixty]);
        await ClientAsync(["run", workspace.RunFile, "--out", workspace.At("out"), "--detach", .. sixty]);
        await ClientAsync("stop", "tiny");

        var resumed = await ClientAsync(["run", workspace.RunFile, "--out", workspace.At("out"), "--resume", .. sixty]);

        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(Hashes("alone"), Hashes("out"));
    }

    [Fact]
    public async Task Silo_ToldToStop_DropsItsReadyFile()
    {
        var ready = workspace.At("ready");
        await using var silo = await StartAsync(0, "--ready", ready);
        Assert.True(File.Exists(ready));
        Assert.Equal(0, await silo.TerminateAsync());
        Assert.False(File.Exists(ready));
    }

    [Fact]
    public async Task Silo_FindsTheReadyFileOfADeadOne_RemovesItBeforeItServes()
    {
        var ready = workspace.At("ready");
        File.WriteAllText(ready, "ready\n");
        var answer = await Workspace.RunAsync(
            "silo", "--clustering", "redis", "--ready", ready, "--state", workspace.At("state"));
        answer.AssertBadInput();
        Assert.False(File.Exists(ready));
    }

    [Theory]
    [InlineData("--clustering is 'mysql'", "--clustering", "mysql")]
    [InlineData("--clustering is missing")]
    [InlineData("every interface", "--clustering", "localhost", "--listen", "0.0.0.0")]
    [InlineData("--listen is 'eth77'", "--clustering", "localhost", "--listen", "eth77")]
    [InlineData("is no address of this machine", "--clustering", "localhost", "--listen", "192.0.2.1")]
    [InlineData("--memory is 'much'", "--clustering", "localhost", "--memory", "much")]
    [InlineData("--slots is '0'", "--clustering", "localhost", "--slots", "0")]
    [InlineData("belong together", "--clustering", "localhost", "--tls-key", "key.pem")]
    public async Task Silo_WrongOption_SaysWhich(string words, params string[] options) =>
        (await Workspace.RunAsync(["silo", .. options])).AssertBadInput(words);

    [Fact]
    public async Task Silo_PortOrStateThatCannotBe_NamesTheOption()
    {
        using var other = new TcpListener(IPAddress.Loopback, ports[0]);
        other.Start();
        foreach (var option in new[] { "--silo-port", "--gateway-port" })
        {
            (await Workspace.RunAsync("silo", "--clustering", "localhost", option, $"{ports[0]}"))
                .AssertBadInput($"{option} is {ports[0]}", "127.0.0.1", "in use");
        }

        (await Workspace.RunAsync("silo", "--clustering", "localhost", "--state", workspace.RunFile))
            .AssertBadInput($"--state is '{workspace.RunFile}'", "a folder");
    }

    [Fact]
    public async Task Silo_DatabaseThatDoesNotAnswer_NamesTheOptionAndShowsNoPassword()
    {
        Assert.SkipUnless(SiloProcess.IsPossible, "This build has no clusters.");
        var answer = await Workspace.RunAsync(
            "silo", "--clustering", "postgres", "--connection",
            $"Host=127.0.0.1;Port={ports[0]};Username=a;Password=secret;Database=b");
        answer.AssertBadInput("--connection");
        Assert.DoesNotContain("secret", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DetachWithoutACluster_IsRefused() =>
        (await Workspace.RunAsync("run", workspace.RunFile, "--detach")).AssertBadInput("--cluster");

    /// <param name="number">0 is the first silo, in whose memory the cluster is.</param>
    private Task<SiloProcess> StartAsync(int number, params string[] options)
    {
        Assert.SkipUnless(SiloProcess.IsPossible, "This build has no clusters.");
        return SiloProcess.StartAsync(
        [
            "--clustering", "localhost", "--primary", $"{ports[0]}", "--silo-port", $"{ports[2 * number]}",
            "--gateway-port", $"{ports[(2 * number) + 1]}", "--cluster-id", $"test-{ports[0]}", "--threads", "1",
            "--state", workspace.At("state"), .. options,
        ]);
    }

    private Task<Answer> ClientAsync(params string[] args) => Workspace.RunAsync(
        [.. args, "--cluster", "localhost", "--gateway", $"{ports[1]}", "--cluster-id", $"test-{ports[0]}"]);

    private string[] Hashes(string folder) =>
    [
        .. Directory.GetFiles(workspace.At(folder), "*.safetensors", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))),
    ];

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
