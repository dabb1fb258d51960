using System.CommandLine;
using System.Globalization;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Driver.Running;
using CoMiGS.Learning;
using CoMiGS.Learning.Torch;
using CoMiGS.Silo;
using CoMiGS.Silo.Clustering;

namespace CoMiGS.Driver.Commands;

/// <summary>silo: this process as one silo of a cluster, until it is told to stop.</summary>
internal static class SiloCommand
{
    public const string Name = "silo";
    public const int LongestDrainSeconds = 3600;

    public static Command Create(Terminal terminal)
    {
        var cluster = ClusterArguments.OfSilo();
        var state = new Option<string>("--state")
        {
            Description = "Folder of users' and runs' state; the same, shared, for every silo of a cluster.",
            HelpName = "DIR",
            DefaultValueFactory = _ => Path.Combine("results", "cluster"),
        };
        var (computing, format) = (new MachineArguments(), CommonOptions.Format());
        var slots = CommonOptions.Count(
            "--slots", "Users at work at a time; the silo gets users in proportion.", Machine.DefaultSlots);
        var memory = new Option<string?>("--memory")
        {
            Description = "Memory that users at work may take together, e.g. 800M or 8G; no limit otherwise.",
            HelpName = "BYTES",
        };
        var listen = new Option<string>("--listen")
        {
            Description = "Address or network interface that the ports listen on, and that others use.",
            HelpName = "WHERE",
            DefaultValueFactory = _ => "127.0.0.1",
        };
        var siloPort = Port("--silo-port", "Port for other silos; the first free one from 11111 otherwise.");
        var gatewayPort = Port("--gateway-port", "Port for clients; the first free one from 30000 otherwise.");
        var name = new Option<string?>("--name") { Description = "Name in logs.", HelpName = "NAME" };
        var drain = CommonOptions.Count(
            "--drain", "Seconds that users at work have to finish when the silo is told to stop.", 30,
            LongestDrainSeconds);
        var ready = new Option<string?>("--ready")
        {
            Description = "File that exists while the silo serves, for health checks.",
            HelpName = "FILE",
        };
        var command = new Command(Name, "Serve as one silo of a cluster, until told to stop.")
        {
            state, slots, memory, listen, siloPort, gatewayPort, name, drain, ready, format,
        };
        computing.AddTo(command);
        cluster.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var settings = cluster.Require(parsed);
            var machine = computing.Require(parsed) with
            {
                Compared = compared => Say(terminal, parsed.IsJson(format), compared),
            };
            var mark = parsed.GetValue(ready);
            if (mark is not null)
            {
                OutputFile.Check(ready.Name, mark);
                OutputFile.Prepare(ready.Name, mark);
            }

            var endpoint = SiloEndpoint.Of(
                parsed.GetValue(listen)!, parsed.GetValue(siloPort), parsed.GetValue(gatewayPort));
            var silo = parsed.GetValue(name)
                ?? string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{endpoint.SiloPort}");
            await machine.WithTrainersAsync(async trainers =>
            {
                await machine.RequireDeviceAsync();
                var lent = new SiloSettings
                {
                    StateFolder = Folder(parsed.GetValue(state)!),
                    Trainers = trainers,
                    Capacity = new(parsed.GetValue(slots), machine.Device, Bytes(parsed.GetValue(memory))),
                    Export = machine.Export,
                    Drain = TimeSpan.FromSeconds(parsed.GetValue(drain)),
                };
                using var serves = new ReadyMark(mark);
                await SiloProcess.RunAsync(
                    settings, endpoint, silo, lent,
                    () =>
                    {
                        serves.Set();
                        Say(terminal, parsed.IsJson(format), silo, settings, endpoint, lent, machine);
                    },
                    remark => terminal.Error.WriteLine($"comigs: {remark}"), stop);
                return true;
            });
        });
        return command;
    }

    private static void Say(
        Terminal terminal, bool isJson, string name, ClusterSettings cluster, SiloEndpoint endpoint, SiloSettings lent,
        Machine machine)
    {
        var capacity = lent.Capacity;
        terminal.Out.WriteLine(isJson
            ? Json.WriteLine(new
            {
                silo = name,
                cluster.ClusterId,
                address = $"{endpoint.Address}",
                endpoint.SiloPort,
                endpoint.GatewayPort,
                capacity.Device,
                machine.Precision,
                machine.Threads,
                capacity.TrainerSlots,
                capacity.MemoryBytes,
                lent.StateFolder,
            })
            : $"Silo {name} serves {cluster}: {endpoint.Address}, ports {endpoint.SiloPort} and "
                + $"{endpoint.GatewayPort}; {machine.OneSilo}, {capacity.TrainerSlots} users at a time, memory "
                + $"{(capacity.MemoryBytes is { } bytes ? Figures.Bytes(bytes) : "without limit")}; "
                + $"state in {lent.StateFolder}.");
        terminal.Out.Flush();
    }

    private static void Say(Terminal terminal, bool isJson, PrecisionComparison compared)
    {
        terminal.Out.WriteLine(isJson ? Json.WriteLine(compared) : PrecisionText.Of(compared));
        terminal.Out.Flush();
    }

    /// <exception cref="BadInputException">There can be no such folder.</exception>
    private static string Folder(string state)
    {
        try
        {
            return Directory.CreateDirectory(state).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"--state is '{state}', but must be a folder: {error.Message}", error);
        }
    }

    private static Option<int> Port(string name, string description) =>
        CommonOptions.Count(name, description, otherwise: 0, CommonOptions.LastPort);

    /// <summary>A number with K, M, G or T behind it: powers of 1000.</summary>
    /// <exception cref="BadInputException">Something else.</exception>
    internal static long? Bytes(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var power = text.Length == 0 ? -1 : "KMGT".IndexOf(char.ToUpperInvariant(text[^1]));
        return double.TryParse(
                power < 0 ? text : text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var number) && number * Math.Pow(1000, power + 1) is >= 1 and < long.MaxValue and var bytes
            ? (long)bytes
            : throw new BadInputException($"--memory is '{text}', but must be a size such as 800M or 8G.");
    }

    /// <summary>A file that says whether the silo serves.</summary>
    private sealed class ReadyMark : IDisposable
    {
        private readonly string? path;

        public ReadyMark(string? path)
        {
            this.path = path;
            Dispose();   // one that a silo which was killed left behind
        }

        public void Set()
        {
            if (path is not null)
            {
                AtomicFile.Write(path, "ready\n");
            }
        }

        public void Dispose()
        {
            if (path is not null)
            {
                File.Delete(path);
            }
        }
    }
}
