using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Driver.Running;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Silo.Telemetry;

namespace CoMiGS.Driver.Benching;

/// <summary>What it costs to be watched: rounds of the demo with everything exported to a receiver in this process, and
/// with nothing, turn by turn; by the clock, and by the time of all processors, which depends less on whatever else
/// the machine does but counts the receiver, too. The first round of a turn, which activates the users, is not
/// counted.</summary>
internal sealed class TelemetryCost(BenchSizes sizes, Machine machine) : IBenchPart
{
    public string Name => "telemetry";

    public double EstimateSeconds => 2 * sizes.TelemetryTurns * (1 + (0.8 * sizes.TelemetryRounds));

    public async Task MeasureAsync(Action<BenchFigure> report, CancellationToken stop)
    {
        await using var receiver = new DrainingReceiver();
        var export = ExportSettings.Of(
        [
            new("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address),
            new("OTEL_METRIC_EXPORT_INTERVAL", "5000"),
        ]);
        await ARoundAsync(export, stop);   // compiles both
        var (off, on) = await TurnByTurn.MeasureAsync(
            sizes.TelemetryTurns, isOn => ARoundAsync(isOn ? export : null, stop));
        if (receiver.Bytes == 0)
        {
            throw new BenchFailedException("nothing was exported.");
        }

        Report("telemetryCost", "a round", cost => cost.Seconds, $", {Figures.Bytes(receiver.Bytes)} received");
        Report("telemetryProcessor", "all processors' time of a round", cost => cost.ProcessorSeconds, "");

        void Report(string name, string what, Func<Cost, double> of, string remark)
        {
            var (without, with) = (Readings.Of([.. off.Select(of)]), Readings.Of([.. on.Select(of)]));
            report(new(
                Name, name, $"{what} of {sizes.StartedRun} with telemetry over one without",
                Readings.Of([.. on.Zip(off, (one, other) => of(one) / of(other))]), "×",
                $"medians {Readings.Text(with.Median)} s and {Readings.Text(without.Median)} s{remark}",
                new { with, without, receiver.Bytes, sizes.TelemetryTurns, sizes.TelemetryRounds }));
        }
    }

    /// <summary>Training and averaging, mean over the rounds but the first.</summary>
    private async Task<Cost> ARoundAsync(ExportSettings? export, CancellationToken stop)
    {
        using var folder = new TemporaryFolder();
        var run = RunFileReader.Read(
            ProgramFiles.At(sizes.StartedRun),
            [$"rounds={sizes.TelemetryRounds + 1}", "baselines=[]", "targets=[own]", "evaluation.every=0"]);
        var spec = Arms.Of(run, folder.At("out"))[0].Spec;
        return await (machine with { Export = export }).WithGrainsAsync(
            run.Base, folder.At("state"), stop, async grains =>
            {
                var experiment = grains.GetGrain<IExperimentGrain>(spec.Experiment);
                await experiment.StartAsync(spec, stop);
                var (seconds, before, after) = (0.0, TimeSpan.Zero, TimeSpan.Zero);
                await foreach (var round in experiment.WatchAsync(0, stop).WithCancellation(stop))
                {
                    after = Environment.CpuUsage.TotalTime;
                    if (round.Round == 0)
                    {
                        before = after;
                        continue;
                    }

                    seconds += round.TrainingSeconds;
                    if (round.Round == sizes.TelemetryRounds)
                    {
                        break;
                    }
                }

                await experiment.StopAsync();   // else it measures its users on all of their text
                return new Cost(
                    seconds / sizes.TelemetryRounds, (after - before).TotalSeconds / sizes.TelemetryRounds);
            });
    }

    /// <summary>Of a round, by the clock and of all processors.</summary>
    private sealed record Cost(double Seconds, double ProcessorSeconds);
}
