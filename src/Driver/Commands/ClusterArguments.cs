using System.CommandLine;
using CoMiGS.Learning;
using CoMiGS.Silo.Clustering;

namespace CoMiGS.Driver.Commands;

/// <summary>Options that say which cluster is meant.</summary>
internal sealed class ClusterArguments
{
    private const string ConnectionVariable = "COMIGS_CONNECTION";

    private readonly Option<string?> provider;
    private readonly Option<int> localPort;

    private readonly Option<string?> connection = new("--connection")
    {
        Description = $"Connection string of the database or server; {ConnectionVariable} otherwise.",
        HelpName = "STRING",
    };

    private readonly Option<string> clusterId = Id("--cluster-id", "Which deployment.");
    private readonly Option<string> serviceId = Id("--service-id", "Which application.");

    private readonly Option<string?> certificate = File("--tls-certificate", "This process's certificate, PEM.");
    private readonly Option<string?> key = File("--tls-key", "Its private key, PEM.");
    private readonly Option<string?> authority = File("--tls-authority", "Who signed the cluster's certificates, PEM.");

    private ClusterArguments(string choice, Option<int> localPort)
    {
        provider = new(choice)
        {
            Description = "localhost (silos of this machine), postgres or redis.",
            HelpName = "WHERE",
        };
        this.localPort = localPort;
    }

    public static ClusterArguments OfSilo() => new(
        "--clustering",
        CommonOptions.Count(
            "--primary", "localhost: silo port of the first silo.", ClusterSettings.DefaultSiloPort,
            CommonOptions.LastPort));

    public static ClusterArguments OfClient() => new(
        "--cluster",
        CommonOptions.Count(
            "--gateway", "localhost: gateway port of a silo.", ClusterSettings.DefaultGatewayPort,
            CommonOptions.LastPort));

    private Option[] All => [provider, connection, clusterId, serviceId, localPort, certificate, key, authority];

    public void AddTo(Command command) => Array.ForEach(All, command.Add);

    /// <summary>The options that were given, for another command on the same cluster. A connection string may hold a
    /// password.</summary>
    public string Words(ParseResult parsed) => string.Join(' ', All
        .Where(option => parsed.GetResult(option) is { Implicit: false })
        .Select(option => $"{option.Name} " + (option == connection
            ? connection.HelpName
            : ShellWord.Of(parsed.GetResult(option)!.Tokens[0].Value))));

    /// <returns>Null when no cluster is named.</returns>
    /// <exception cref="BadInputException">A value is not known, or TLS is named in part.</exception>
    public ClusterSettings? Read(ParseResult parsed)
    {
        if (parsed.GetValue(provider) is not { } named)
        {
            return null;
        }

        return new()
        {
            Provider = named switch
            {
                "localhost" => ClusteringProvider.Localhost,
                "postgres" => ClusteringProvider.Postgres,
                "redis" => ClusteringProvider.Redis,
                _ => throw new BadInputException(
                    $"{provider.Name} is '{named}', but must be localhost, postgres or redis."),
            },
            Connection = parsed.GetValue(connection) ?? Environment.GetEnvironmentVariable(ConnectionVariable),
            ClusterId = parsed.GetValue(clusterId)!,
            ServiceId = parsed.GetValue(serviceId)!,
            LocalPort = parsed.GetValue(localPort),
            Tls = Tls(parsed),
        };
    }

    /// <exception cref="BadInputException">No cluster is named.</exception>
    public ClusterSettings Require(ParseResult parsed) => Read(parsed)
        ?? throw new BadInputException($"{provider.Name} is missing; it must be localhost, postgres or redis.");

    private TlsFiles? Tls(ParseResult parsed)
    {
        string?[] files = [parsed.GetValue(certificate), parsed.GetValue(key), parsed.GetValue(authority)];
        return files.Count(file => file is not null) switch
        {
            0 => null,
            3 => new(files[0]!, files[1]!, files[2]!),
            _ => throw new BadInputException("--tls-certificate, --tls-key and --tls-authority belong together."),
        };
    }

    private static Option<string> Id(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ID",
        DefaultValueFactory = _ => "comigs",
    };

    private static Option<string?> File(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE" };
}
