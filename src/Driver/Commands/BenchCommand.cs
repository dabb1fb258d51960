using System.CommandLine;
using CoMiGS.Driver.Display;
using CoMiGS.Driver.Results;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Model;
using Spectre.Console;

namespace CoMiGS.Driver.Commands;

/// <summary>bench: how fast the CPU kernels train on this machine, on one core and on two at once.</summary>
internal static class BenchCommand
{
    private const int Tokens = 128, Sequences = 8;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    /// <summary>The demo's adapters: two experts, both used.</summary>
    private static readonly AdapterShape Adapters = new(2, 8, 8, 16, 2, HasRouter: true);

    private static readonly ModelShape[] Shapes = [new(4, 4, 128, 2048, 128), new(6, 8, 256, 4096, 256)];

    public static Command Create(Terminal terminal)
    {
        var format = CommonOptions.Format();
        var command = new Command("bench", "Speed of the CPU kernels on this machine.") { format };
        command.SetAction(async parsed =>
        {
            var peak = MachinePeak.FmaGflops(SimdLevels.Best);
            var speeds = new List<Speed>();
            foreach (var shape in Shapes)
            {
                using var model = PackedModel.Pack(RandomCheckpoint.Create(shape, 1));
                var one = await MeasureAsync(model, threads: 1);
                var two = Environment.ProcessorCount > 1 ? await MeasureAsync(model, threads: 2) : null;
                speeds.Add(new(shape.Width, shape.LayerCount, one.Sum(step => step.TokensPerSecond),
                    two?.Sum(step => step.TokensPerSecond), one[0].BaseGflops / peak));
            }

            if (parsed.IsJson(format))
            {
                terminal.Out.WriteLine(Json.Write(new { level = SimdLevels.Best, peakGflops = peak, speeds }));
            }
            else
            {
                Show(terminal, peak, speeds);
            }
        });
        return command;
    }

    private static Task<StepMeasurement[]> MeasureAsync(PackedModel model, int threads) =>
        Task.WhenAll(Enumerable.Range(0, threads).Select(_ =>
            Task.Run(() => StepMeasurement.Run(model, Adapters, Tokens, Sequences, Duration))));

    private static void Show(Terminal terminal, double peak, List<Speed> speeds)
    {
        terminal.Out.WriteLine($"{SimdLevels.Best}, peak of one core {peak:0} GFLOP/s");
        var table = new Table().Border(TableBorder.Simple).AddColumns(
            "width", "blocks", "tokens/s, one core", "tokens/s, two cores", "share of peak, base model, one core");
        foreach (var speed in speeds)
        {
            table.AddRow(
                $"{speed.Width}", $"{speed.Blocks}", Figures.Count(speed.TokensPerSecond),
                speed.TokensPerSecondOfTwo is { } two ? Figures.Count(two) : "-", Figures.Percent(speed.ShareOfPeak));
        }

        terminal.Console.Write(table);
    }

    /// <param name="TokensPerSecond">Forward, backward and AdamW on one core.</param>
    /// <param name="TokensPerSecondOfTwo">Two users on two cores at once; null on a machine with one.</param>
    /// <param name="ShareOfPeak">Base-model FLOPs of one core over its peak of fused multiply-adds.</param>
    private sealed record Speed(
        int Width, int Blocks, double TokensPerSecond, double? TokensPerSecondOfTwo, double ShareOfPeak);
}
