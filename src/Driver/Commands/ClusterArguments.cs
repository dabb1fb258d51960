using System.CommandLine;
using CoMiGS.Learning;
using CoMiGS.Silo.Clustering;

namespace CoMiGS.Driver.Commands;

/// <summary>Options that say which cluster is meant; silos and clients have the same.</summary>
/// <param name="choice">The option that names the provider.</param>
internal sealed class ClusterArguments(string choice)
{
    private const string ConnectionVariable = "COMIGS_CONNECTION";

    private readonly Option<string?> provider = new(choice)
    {
        Description = "localhost (silos of this machine), postgres or redis.",
        HelpName = "WHERE",
    };

    private readonly Option<string?> connection = new("--connection")
    {
        Description = $"Connection string of the database or server; {ConnectionVariable} otherwise.",
        HelpName = "STRING",
    };

    private readonly Option<string> clusterId = Word("--cluster-id", "Which deployment.");
    private readonly Option<string> serviceId = Word("--service-id", "Which application.");

    private readonly Option<int> primary = CommonOptions.Count(
        "--primary", "localhost: silo port of the first silo.", ClusterSettings.DefaultSiloPort,
        CommonOptions.LastPort);

    private readonly Option<string?> certificate = File("--tls-certificate", "This process's certificate, PEM.");
    private readonly Option<string?> key = File("--tls-key", "Its private key, PEM.");
    private readonly Option<string?> authority = File("--tls-authority", "Who signed the cluster's certificates, PEM.");

    public void AddTo(Command command)
    {
        Option[] all = [provider, connection, clusterId, serviceId, primary, certificate, key, authority];
        Array.ForEach(all, command.Add);
    }

    /// <param name="clientGatewayPort">localhost: the gateway that a client uses.</param>
    /// <returns>Null when no cluster is named.</returns>
    /// <exception cref="BadInputException">A value is not known, or TLS is named in part.</exception>
    public ClusterSettings? Read(ParseResult parsed, int clientGatewayPort = ClusterSettings.DefaultGatewayPort)
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
                _ => throw new BadInputException($"{choice} is '{named}', but must be localhost, postgres or redis."),
            },
            Connection = parsed.GetValue(connection) ?? Environment.GetEnvironmentVariable(ConnectionVariable),
            ClusterId = parsed.GetValue(clusterId)!,
            ServiceId = parsed.GetValue(serviceId)!,
            PrimaryPort = parsed.GetValue(primary),
            ClientGatewayPort = clientGatewayPort,
            Tls = Tls(parsed),
        };
    }

    /// <exception cref="BadInputException">No cluster is named.</exception>
    public ClusterSettings Require(ParseResult parsed) => Read(parsed)
        ?? throw new BadInputException($"{choice} is missing; it must be localhost, postgres or redis.");

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

    private static Option<string> Word(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ID",
        DefaultValueFactory = _ => "comigs",
    };

    private static Option<string?> File(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE" };
}
