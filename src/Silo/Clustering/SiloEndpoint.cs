using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using CoMiGS.Learning;

namespace CoMiGS.Silo.Clustering;

/// <summary>Where a silo listens: on one address of this machine, never on all.</summary>
/// <param name="SiloPort">For the other silos.</param>
/// <param name="GatewayPort">For clients.</param>
public sealed record SiloEndpoint(IPAddress Address, int SiloPort, int GatewayPort)
{
    private const int SilosOnAMachine = 64;

    /// <param name="listen">Address, or name of a network interface.</param>
    /// <param name="siloPort">0: the first pair of ports that is free.</param>
    /// <param name="gatewayPort">0: the first pair of ports that is free.</param>
    /// <exception cref="BadInputException">There is no such address here, it stands for all, or no port is free.
    /// </exception>
    public static SiloEndpoint Of(string listen, int siloPort, int gatewayPort)
    {
        var address = AddressOf(listen);
        RequireFree("--silo-port", address, siloPort);
        RequireFree("--gateway-port", address, gatewayPort);
        var free = Enumerable.Range(0, SilosOnAMachine)
            .Select(number => new SiloEndpoint(
                address,
                siloPort > 0 ? siloPort : ClusterSettings.DefaultSiloPort + number,
                gatewayPort > 0 ? gatewayPort : ClusterSettings.DefaultGatewayPort + number))
            .FirstOrDefault(candidate => IsFree(candidate.Address, candidate.SiloPort)
                && IsFree(candidate.Address, candidate.GatewayPort));
        return free ?? throw new BadInputException(
            $"no pair of ports of {address} is free from {ClusterSettings.DefaultSiloPort} and "
                + $"{ClusterSettings.DefaultGatewayPort} on; name them by --silo-port and --gateway-port.");
    }

    private static void RequireFree(string option, IPAddress address, int port)
    {
        if (port > 0 && !IsFree(address, port))
        {
            throw new BadInputException($"{option} is {port}, but that port of {address} is in use or not allowed.");
        }
    }

    private static IPAddress AddressOf(string listen)
    {
        var named = IPAddress.TryParse(listen, out var address)
            ? address
            : NetworkInterface.GetAllNetworkInterfaces().Where(device => device.Name == listen)
                .SelectMany(device => device.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                .FirstOrDefault(candidate => candidate.AddressFamily == AddressFamily.InterNetwork);
        return named is null
            ? throw new BadInputException(
                $"--listen is '{listen}', but must be an address or a network interface of this machine: "
                + $"{string.Join(", ", NetworkInterface.GetAllNetworkInterfaces().Select(device => device.Name))}.")
            : named.Equals(IPAddress.Any) || named.Equals(IPAddress.IPv6Any)
                ? throw new BadInputException(
                    $"--listen is '{listen}', which stands for every interface; name the one that leads to the "
                    + "cluster.")
                : named;
    }

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            throw new BadInputException($"--listen: {address} is no address of this machine.", error);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
