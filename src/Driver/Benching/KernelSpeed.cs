using CoMiGS.Driver.Running;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;
using CoMiGS.Results;

namespace CoMiGS.Driver.Benching;

/// <summary>How fast this machine can multiply, how fast users train on it, and where a step's time goes.</summary>
/// <param name="machine">Its threads are the most that are measured.</param>
/// <param name="isAll">Every combination of threads, users and experts; else each varied alone.</param>
/// <param name="reference">Trains the first row of every base, too, turn by turn; null: nothing does.</param>
internal sealed class KernelSpeed(
    BenchSizes sizes, Machine machine, bool isAll, PlainPytorch? reference) : IBenchPart
{
    private const int PeakCount = 5, FewExperts = 2, ManyExperts = 8;

    private readonly IReadOnlyList<SpeedRow> rows = SpeedRow.Varied(
        [machine.Threads, 1], [sizes.FewUsers, sizes.ManyUsers], [FewExperts, ManyExperts], isAll);

    public string Name => "kernels";

    public double EstimateSeconds =>
        sizes.IsQuick ? 2 : (isAll ? 400 : 150) + (reference is null ? 0 : 150);

    public async Task MeasureAsync(Action<BenchFigure> report, CancellationToken stop)
    {
        var peak = Readings.Of(
            [.. Enumerable.Range(0, PeakCount).Select(_ => MachinePeak.FmaGflops(SimdLevels.Best))]);
        report(new(
            Name, "fmaPeak", $"fused multiply-adds, one core, {SimdLevels.Best}", peak, "GFLOP/s", "", new { }));
        foreach (var side in sizes.Bases)
        {
            var checkpoint = side.Random is { } shape
                ? RandomCheckpoint.Create(shape, seed: 1)
                : BaseCheckpointReader.ReadFolder(ProgramFiles.At("data/base"));
            foreach (var alike in rows.GroupBy(row => row.Threads))
            {
                await (machine with { Threads = alike.Key }).WithTrainersAsync(async create =>
                {
                    using var trainer = create(checkpoint);
                    foreach (var row in alike)
                    {
                        await MeasureAsync(new(side, trainer, row, LoadOf(side, row)), peak.Most, report, stop);
                    }

                    return true;
                });
            }

            if (!machine.UsesTorch)
            {
                report(WhereTimeGoes(side, checkpoint));
            }
        }
    }

    private async Task MeasureAsync(Setting setting, double peak, Action<BenchFigure> report, CancellationToken stop)
    {
        var (side, trainer, row, load) = setting;
        await (load with { Users = Math.Min(load.Users, row.Threads + 1), Steps = 1 }).RunAsync(trainer, stop);
        var turns = row == rows[0] ? reference : null;
        var theirs = new List<double>();
        var ours = await Readings.AllAsync(turns is null ? sizes.Patience : sizes.TurnPatience, async () =>
        {
            if (turns is not null)
            {
                theirs.Add(await turns.RunAsync(trainer.Model, load, row.Threads, machine.Device, stop));
            }

            return await load.RunAsync(trainer, stop);
        });
        report(SpeedOf(setting, Readings.Of(ours), machine.UsesTorch ? null : peak));
        if (turns is not null)
        {
            report(new(
                Name, "plainPytorch", $"{side.Name}: {row}, plain PyTorch", Readings.Of(theirs), "tokens/s", "",
                Circumstances(setting, turns.Python)));
            report(new(
                Name, "timesPlainPytorch", $"{side.Name}: {row}, times plain PyTorch",
                Readings.Of([.. ours.Zip(theirs, (our, their) => our / their)]), "×", "",
                Circumstances(setting, trainer.Description)));
        }
    }

    private TrainingLoad LoadOf(BenchBase side, SpeedRow row) => new(
        new(row.Experts, 8, 8, 16, 2, HasRouter: true), row.Users,
        row.Users > sizes.FewUsers ? 1 : side.Steps, sizes.MicroBatch, sizes.SequenceLength);

    private BenchFigure SpeedOf(Setting setting, Readings speed, double? peak)
    {
        var flops = LocalFlops.BaseTrainingPerToken(setting.Trainer.Model, setting.Load.SequenceLength);
        var gflops = speed.Median * flops / 1e9;
        var share = gflops / (peak * setting.Row.Threads);
        return new(
            Name, "trainingSpeed", $"{setting.Side.Name}: {setting.Row}", speed, "tokens/s",
            share is { } known ? $"{Figures.Percent(known)} of peak" : "",
            new
            {
                circumstances = Circumstances(setting, setting.Trainer.Description),
                baseGflops = gflops,
                shareOfPeak = share,
            });
    }

    /// <param name="program">What trained.</param>
    private static object Circumstances(Setting setting, string program) => new
    {
        program,
        @base = setting.Side.Name,
        setting.Trainer.Model,
        setting.Row.Threads,
        setting.Load,
    };

    /// <summary>One user's step on one core.</summary>
    private BenchFigure WhereTimeGoes(BenchBase side, BaseCheckpoint checkpoint)
    {
        using var model = PackedModel.Pack(checkpoint);
        var step = StepMeasurement.Run(
            model, LoadOf(side, rows[0]).Adapters, sizes.SequenceLength, sizes.MicroBatch, TimeSpan.Zero);
        var frozen = step.Parts
            .Where(part => part.Part is StepPart.BaseForward or StepPart.BaseBackward or StepPart.Head)
            .Sum(part => part.Share);
        var others = step.Parts.OrderByDescending(part => part.Share)
            .Select(part => $"{part.Part} {Figures.Percent(part.Share)}");
        return new(
            Name, "stepShares", $"{side.Name}: a step's time in products with the base", Readings.Of(100 * frozen), "%",
            string.Join(", ", others),
            new { @base = side.Name, parts = step.Parts.ToDictionary(part => part.Part, part => part.Share) });
    }

    private sealed record Setting(BenchBase Side, ITrainer Trainer, SpeedRow Row, TrainingLoad Load);
}
