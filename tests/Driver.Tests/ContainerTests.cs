using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using CoMiGS.Driver.Display;
using CoMiGS.Silo.Telemetry;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace CoMiGS.Driver.Tests;

/// <summary>docker-compose.yml and Dockerfile say what this program understands. Whether they build is for a machine
/// with docker.</summary>
public sealed partial class ContainerTests
{
    private static readonly string Compose = File.ReadAllText(Repository.At("docker-compose.yml"));
    private static readonly string[] Dockerfile = File.ReadAllLines(Repository.At("Dockerfile"));

    private static readonly Dictionary<string, Service> Services = new DeserializerBuilder()
        .WithNamingConvention(UnderscoredNamingConvention.Instance)
        .IgnoreUnmatchedProperties().Build()
        .Deserialize<ComposeFile>(new MergingParser(new Parser(new StringReader(Compose)))).Services;

    public static TheoryData<string> OurServices => ["silo", "silo-gpu", "driver"];

    [Theory]
    [MemberData(nameof(OurServices))]
    public void Command_OfAService_IsOneTheProgramTakes(string service)
    {
        var words = Services[service].Command.Select(word => Variable().Replace(word, "$1")).ToArray();
        Assert.Empty(Cli.Root(Terminal.Of(TextWriter.Null, TextWriter.Null)).Parse(words).Errors);
    }

    [Fact]
    public void Image_OfEveryServiceAndStage_HasAPinnedTag()
    {
        var stages = Dockerfile.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1]);
        var images = Services.Values.Select(service => service.Image).Concat(stages).ToArray();
        Assert.Equal(10, images.Length);
        Assert.All(images, image => Assert.Matches(@"^[a-z./-]+:[a-z0-9.-]*[0-9][a-z0-9.-]*$", image));
    }

    [Fact]
    public void Service_ThatServes_HasAHealthCheckAndIsWaitedFor()
    {
        Assert.All(
            Services.Where(service => service.Key != "driver"),
            service => Assert.NotEmpty(service.Value.Healthcheck!.Test));
        Assert.All(
            ["silo", "silo-gpu", "driver"],
            name => Assert.Equal("service_healthy", Services[name].DependsOn["redis"].Condition));
        var mark = Services["silo"].Command[^1];
        Assert.Equal(["CMD", "test", "-f", mark], Services["silo"].Healthcheck!.Test);
    }

    [Fact]
    public void Silo_InAContainer_ExportsTracesAndMetricsToServicesThatAreThere()
    {
        var export = ExportSettings.Of(Services["silo"].Environment.Select(
            variable => KeyValuePair.Create(variable.Key, (string?)variable.Value)))!;
        Assert.Equal((true, true, false), (export.Traces, export.Metrics, export.Logs));
        Assert.All(
            Services["silo"].Environment.Values.Where(value => value.StartsWith("http", StringComparison.Ordinal)),
            address => Assert.Contains(new Uri(address).Host, Services.Keys));
    }

    [Fact]
    public void Port_ThatIsPublished_IsOnLoopback() => Assert.All(
        Services.Values.SelectMany(service => service.Ports),
        port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));

    [Fact]
    public void File_ThatIsMounted_Exists() => Assert.All(
        Services.Values.SelectMany(service => service.Volumes).Select(volume => volume.Split(':')[0])
            .Where(source => source.StartsWith("./", StringComparison.Ordinal)),
        source => Assert.True(Path.Exists(Repository.At(source)), source));

    [Fact]
    public void Silo_InAContainer_HasTimeToDrainBeforeItIsKilled() =>
        Assert.All(["silo", "silo-gpu"], name => Assert.Equal("60s", Services[name].StopGracePeriod));

    [Fact]
    public void Image_RunsAsAnOrdinaryUserAndHoldsNoSecret()
    {
        Assert.Equal(["USER $APP_UID"], Dockerfile.Where(line => line.StartsWith("USER", StringComparison.Ordinal)));
        Assert.DoesNotMatch("(?i)password|passwd|secret|token", Compose + string.Join('\n', Dockerfile));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--profile gpu")]
    public async Task File_AsDockerReadsIt_IsValid(string profile)
    {
        Assert.SkipUnless((await DockerAsync("version")).ExitCode == 0, "docker compose is not installed.");
        var answer = await DockerAsync($"--file {Repository.At("docker-compose.yml")} {profile} config --quiet");
        Assert.True(answer.ExitCode == 0, answer.Error);
    }

    private static async Task<(int ExitCode, string Error)> DockerAsync(string words)
    {
        try
        {
            using var docker = Process.Start(new ProcessStartInfo("docker", $"compose {words}")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var said = docker.StandardOutput.ReadToEndAsync();
            var error = await docker.StandardError.ReadToEndAsync();
            await said;
            await docker.WaitForExitAsync();
            return (docker.ExitCode, error);
        }
        catch (Win32Exception absent)
        {
            return (-1, absent.Message);
        }
    }

    /// <summary>${NAME:-value}</summary>
    [GeneratedRegex(@"\$\{[A-Z_]+:-([^}]*)\}")]
    private static partial Regex Variable();

    private sealed class ComposeFile
    {
        public Dictionary<string, Service> Services { get; init; } = [];
    }

    private sealed class Service
    {
        public string Image { get; init; } = "";

        public string[] Command { get; init; } = [];

        public Check? Healthcheck { get; init; }

        public Dictionary<string, string> Environment { get; init; } = [];

        public string[] Ports { get; init; } = [];

        public string[] Volumes { get; init; } = [];

        public Dictionary<string, Dependency> DependsOn { get; init; } = [];

        public string? StopGracePeriod { get; init; }
    }

    private sealed class Check
    {
        public string[] Test { get; init; } = [];
    }

    private sealed class Dependency
    {
        public string? Condition { get; init; }
    }
}
