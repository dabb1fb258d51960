using System.CommandLine;
using CoMiGS.Dashboard.Serving;
using CoMiGS.Driver.Benching;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Driver.Running;
using CoMiGS.Learning;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;

namespace CoMiGS.Driver.Commands;

/// <summary>bench: what this machine and this program can do, measured.</summary>
internal static class BenchCommand
{
    /// <summary>For the parts' names, which do not depend on it.</summary>
    private static readonly Machine AnyMachine = new(Machine.Cpu, FloatType.Float32, Threads: 1, Silos: 1);

    public static Command Create(Terminal terminal)
    {
        var names = Parts(BenchSizes.Full, AnyMachine, isAll: false, null).Select(part => part.Name).ToArray();
        var parts = new Argument<string[]>("PART")
        {
            Description = $"What to measure: {string.Join(", ", names)}; all of it otherwise.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var reference = new Option<bool>("--reference")
        {
            Description = "kernels: train in plain PyTorch, too, turn by turn, and show the ratio.",
        };
        var all = new Option<bool>("--all")
        {
            Description = "kernels: every combination of threads, users and experts.",
        };
        var quick = new Option<bool>("--quick")
        {
            Description = "Tiny sizes, to see that every part works; the figures mean nothing.",
        };
        var (computing, format) = (new MachineArguments(), CommonOptions.Format());
        var command = new Command("bench", "Measure this machine.") { parts, reference, all, quick, format };
        computing.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var wanted = parsed.GetValue(parts) is { Length: > 0 } some ? some : names;
            RequireParts(wanted, names, parsed.GetValue(reference));
            var plain = parsed.GetValue(reference)
                ? await PlainPytorch.FindAsync(PlainPytorch.Interpreters, stop)
                : null;
            var sizes = parsed.GetValue(quick) ? BenchSizes.Quick : BenchSizes.Full;
            var chosen = Parts(sizes, computing.Require(parsed), parsed.GetValue(all), plain)
                .Where(part => wanted.Contains(part.Name)).ToArray();
            var figures = await new BenchProgress(chosen, terminal.Error).MeasureAsync(stop);
            if (parsed.IsJson(format))
            {
                terminal.Out.WriteLine(Json.Write(new
                {
                    program = ProgramVersion.Text,
                    cores = Environment.ProcessorCount,
                    level = SimdLevels.Best,
                    sizes.IsQuick,
                    figures,
                }));
            }
            else
            {
                terminal.Console.Write(BenchTable.Of(figures));
            }
        });
        return command;
    }

    /// <summary>In the order in which they run.</summary>
    private static IBenchPart[] Parts(BenchSizes sizes, Machine machine, bool isAll, PlainPytorch? reference) =>
    [
        new KernelSpeed(sizes, machine, isAll, reference),
        new ActorCalls(sizes),
        new EmptyRounds(sizes),
        new PopulationMemory(sizes),
        new FirstRound(sizes),
        new TelemetryCost(sizes, machine),
        .. PageFiles.IsBuilt ? [new PageCost(sizes)] : Array.Empty<IBenchPart>(),
    ];

    private static void RequireParts(string[] wanted, string[] names, bool wantsReference)
    {
        if (wanted.FirstOrDefault(part => !names.Contains(part)) is { } unknown)
        {
            throw new BadInputException(
                $"bench has no part '{unknown}'; did you mean '{Nearest.Of(unknown, names)}'? "
                + $"Parts are {string.Join(", ", names)}.");
        }

        if (wantsReference && !wanted.Contains(names[0]))
        {
            throw new BadInputException($"--reference is about the part {names[0]}, which is not asked for.");
        }
    }
}
