using CoMiGS.Grains.Tests.Support;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Tests;
using CoMiGS.Learning.Training.Cpu;
using CoMiGS.Silo.Telemetry;
using CoMiGS.Telemetry.Tests.Otlp;

namespace CoMiGS.Telemetry.Tests;

/// <summary>A small run on the CPU with router phases in every round, and everything it exported.</summary>
internal sealed class ExportedRun : IAsyncDisposable
{
    public const int Users = 4;
    public const int Rounds = 3;

    /// <summary>With the receiver, on a machine that does other things.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly ModelShape Shape = new(2, 4, 64, VocabularySize: 64, PositionCount: 64);

    private ExportedRun(OtlpReceiver receiver, ExperimentResult result) => (Receiver, Result) = (receiver, result);

    public OtlpReceiver Receiver { get; }

    public ExperimentResult Result { get; }

    /// <summary>Runs, and ends once everything has arrived.</summary>
    /// <param name="around">Called with the run that is about to start; what it does belongs to the client.</param>
    public static async Task<ExportedRun> OfAsync(int silos, Action? around = null)
    {
        var receiver = new OtlpReceiver();
        var export = ExportSettings.Of(receiver.Variables)! with { FlushLimit = Patience };
        var result = await RunAsync(silos, export, around);
        return new(receiver, result);
    }

    public static async Task<ExperimentResult> RunAsync(
        int silos, ExportSettings? export, Action? around = null)
    {
        using var run = NewRun();
        using var model = PackedModel.Pack(TinyModel.Random(Shape, seed: 1));
        await using var cluster = await TestCluster.StartAsync(
            run, new CpuTrainer(model, threads: 2), silos, export: export);
        around?.Invoke();
        return await cluster.RunAsync();
    }

    public ValueTask DisposeAsync() => Receiver.DisposeAsync();

    private static TestRun NewRun()
    {
        var run = new TestRun(Users);
        run.WriteCounting(Shape.VocabularySize);
        run.Spec = run.Spec with
        {
            Rounds = Rounds,
            Training = new() { SequenceLength = 64, LearningRate = 1e-2 },
            Router = new() { Every = 5, Iterations = 3 },
            Evaluation = new() { Every = 1, Tokens = 64 },
            Users = [.. run.Spec.Users.Select(user => user with { LocalSteps = 40, MicroBatch = 4 })],
        };
        return run;
    }
}

/// <summary>One run on one silo, for all tests that only look.</summary>
public sealed class OneSiloRun : IAsyncLifetime
{
    private ExportedRun? run;

    internal ExportedRun Run => run!;

    public async ValueTask InitializeAsync() => run = await ExportedRun.OfAsync(silos: 1);

    public ValueTask DisposeAsync() => run!.DisposeAsync();
}
