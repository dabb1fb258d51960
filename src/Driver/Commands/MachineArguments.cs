using System.CommandLine;
using CoMiGS.Driver.Running;
using CoMiGS.Learning;
using CoMiGS.Learning.Model;
using CoMiGS.Silo.Telemetry;

namespace CoMiGS.Driver.Commands;

/// <summary>Options that say what to compute with.</summary>
internal sealed class MachineArguments
{
    private readonly Option<string> device = new("--device")
    {
        Description = "cpu, torch (libtorch on the CPU), or cuda:N.",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "cpu",
    };

    private readonly Option<string> precision = new("--precision")
    {
        Description = "float32, or with libtorch bfloat16 for products with the base; what that costs is measured.",
        HelpName = "TYPE",
        DefaultValueFactory = _ => "float32",
    };

    private readonly Option<int> threads = CommonOptions.Threads();

    public void AddTo(Command command)
    {
        Option[] all = [device, precision, threads];
        Array.ForEach(all, command.Add);
    }

    /// <exception cref="BadInputException">A value is not known, the device has no such precision, or a variable of
    /// OpenTelemetry cannot be used.</exception>
    public Machine Require(ParseResult parsed, int silos = 1)
    {
        var machine = new Machine(Device(parsed), Precision(parsed), parsed.GetValue(threads), silos)
        {
            Export = ExportSettings.OfEnvironment(),
        };
        return machine is { UsesTorch: false, Precision: FloatType.Bfloat16 }
            ? throw new BadInputException(
                "--precision bfloat16 is not for --device cpu, whose kernels compute in float32; "
                + "use --device torch or --device cuda:N.")
            : machine;
    }

    private string Device(ParseResult parsed)
    {
        var value = parsed.GetValue(device)!;
        return value is Machine.Cpu or Machine.TorchOnCpu || (value.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(value.AsSpan(5), out var index) && index >= 0)
            ? value
            : throw new BadInputException($"--device is '{value}', but must be cpu, torch or cuda:N.");
    }

    private FloatType Precision(ParseResult parsed) => parsed.GetValue(precision) switch
    {
        "float32" => FloatType.Float32,
        "bfloat16" => FloatType.Bfloat16,
        var other => throw new BadInputException($"--precision is '{other}', but must be float32 or bfloat16."),
    };
}
