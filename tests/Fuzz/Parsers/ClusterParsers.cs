using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CoMiGS.Driver.Commands;
using CoMiGS.Silo.Clustering;
using CoMiGS.Silo.Telemetry;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>Certificate, key and authority of a cluster, PEM. Made anew in every process: the numbers of mutants mean
/// the same damage, not the same bytes.</summary>
internal sealed class PemParser() : Parser(
    "all.pem", "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "-----", "AAAA", "=", "\n")
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [Text(Make())];

    public override void Read(string path) => new TlsFiles(path, path, path).ToOptions();

    private static string Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var certificate = new CertificateRequest("CN=fuzz", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(start, start.AddYears(1));
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }
}

/// <summary>Variables that say where telemetry goes; a line a variable.</summary>
internal sealed class ExportSettingsParser() : Parser(
    "variables", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED", "=", "\n", "otlp", "none",
    "http://", "https://", "file://", "://", "[::1]", "localhost:4318", ":99999", "%")
{
    public override IReadOnlyList<string> Culprits => ["OTEL_"];

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [Text("OTEL_EXPORTER_OTLP_ENDPOINT=http://db:4318\nOTEL_METRICS_EXPORTER=none\nOTEL_LOGS_EXPORTER=otlp")];

    public override void Read(string path) => ExportSettings.Of(
        Encoding.UTF8.GetString(File.ReadAllBytes(path)).Split('\n').Select(line => line.Split('=', 2))
            .Where(parts => parts.Length == 2).DistinctBy(parts => parts[0], StringComparer.OrdinalIgnoreCase)
            .Select(parts => KeyValuePair.Create(parts[0], (string?)parts[1])));
}

/// <summary>The words behind silo that say which cluster, which device and how much memory; a line a word.</summary>
internal sealed class SiloWordsParser() : Parser(
    "words", "\n", "--", "--clustering", "--connection", "--primary", "--threads", "--device", "--memory", "--tls-key",
    "localhost", "postgres", "redis", "cuda:", "800M", "8G", "=", ":", "torch", "bfloat16")
{
    public override IReadOnlyList<string> Culprits => ["--"];

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("--clustering\nlocalhost\n--primary\n11111\n--device\ncuda:1\n--threads\n2\n--precision\nbfloat16"),
        Text("--clustering\npostgres\n--connection\nHost=db;Port=5432\n--cluster-id\nx\n--memory=8.5G"),
        Text("--clustering=redis\n--tls-certificate\na.pem\n--tls-key\nb.pem\n--tls-authority\nc.pem"),
    ];

    /// <summary>A word may be a byte long.</summary>
    public override int BytesPerByte => 1000;

    public override void Read(string path)
    {
        var (cluster, machine, memory) =
            (ClusterArguments.OfSilo(), new MachineArguments(), new Option<string?>("--memory"));
        var command = new Command("silo") { memory };
        cluster.AddTo(command);
        machine.AddTo(command);
        var words = Encoding.UTF8.GetString(File.ReadAllBytes(path)).Split('\n').Where(word => !word.StartsWith('@'));
        var parsed = command.Parse([.. words]);
        if (parsed.Errors.Count == 0 && parsed.UnmatchedTokens.Count == 0)
        {
            cluster.Require(parsed);
            machine.Require(parsed);
            SiloCommand.Bytes(parsed.GetValue(memory));
        }
    }
}
