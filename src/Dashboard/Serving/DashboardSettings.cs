using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CoMiGS.Learning;

namespace CoMiGS.Dashboard.Serving;

/// <summary>Where the page is served, and to whom.</summary>
/// <param name="Token">Null: on this machine only, no token is asked for.</param>
internal sealed record DashboardSettings(IPAddress Address, int Port, string? Token)
{
    private const int TokenBytes = 24;

    /// <param name="listen">An address of this machine, as --listen has it; null: this machine only.</param>
    /// <param name="port">0: any free one.</param>
    /// <exception cref="BadInputException">Not an address.</exception>
    public static DashboardSettings Of(string? listen, int port)
    {
        if (listen is null)
        {
            return new(IPAddress.Loopback, port, null);
        }

        return IPAddress.TryParse(listen, out var address)
            ? new(address, port, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes)))
            : throw new BadInputException(
                $"--listen is '{listen}', but must be an address of this machine, such as 0.0.0.0 for all of them.");
    }

    /// <summary>What a person opens. With the token, if one is needed: whoever has this address has the run.</summary>
    public string AddressFor(int boundPort)
    {
        var host = Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any)
            ? Dns.GetHostName()
            : Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Address}]" : Address.ToString();
        var query = Token is null ? "" : $"?{AccessGuard.TokenName}={Token}";
        return string.Create(CultureInfo.InvariantCulture, $"http://{host}:{boundPort}/{query}");
    }
}
