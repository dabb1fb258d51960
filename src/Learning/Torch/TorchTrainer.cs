using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Trains through libtorch: whoever asks within a short while, with equal shapes and plans, is trained in one
/// stack. One thread owns the device; tensors never leave it. Results equal the CPU trainer's up to rounding, which
/// <see cref="TorchSettings.Precision"/> chooses.</summary>
public sealed class TorchTrainer : ITrainer
{
    private static readonly Lock Loading = new();

    private readonly TorchSettings settings;
    private readonly FrozenBase frozen;
    private readonly BlockingCollection<TorchOrder> orders = [];
    private readonly CancellationTokenSource closing = new();
    private readonly Thread thread;
    private BaseCheckpoint? uncompared;

    private TorchTrainer(BaseCheckpoint checkpoint, TorchSettings settings, Device device)
    {
        this.settings = settings;
        frozen = new FrozenBase(checkpoint, device, settings.Precision);
        uncompared = settings is { Precision: FloatType.Bfloat16, Compared: not null } ? checkpoint : null;
        Description = (device.type == DeviceType.CPU
            ? $"libtorch on the CPU, {settings.Threads} threads"
            : $"libtorch on {device}") + (settings.Precision == FloatType.Bfloat16 ? ", bfloat16" : "");
        thread = new Thread(Run) { IsBackground = true, Name = "torch" };
        thread.Start();
    }

    public string Description { get; }

    public ModelShape Model => frozen.Shape;

    /// <summary>Makes the device ready and copies the base to it.</summary>
    /// <exception cref="BadInputException">libtorch is not set up, or there is no such device.</exception>
    public static TorchTrainer Open(BaseCheckpoint checkpoint, TorchSettings settings)
    {
        try
        {
            LoadQuietly();
            return new TorchTrainer(checkpoint, settings, device(settings.Device));
        }
        catch (NotSupportedException error)
        {
            throw new BadInputException(error.Message, error);
        }

        // The official packages load libtorch in a static constructor; why it failed fills pages and is a guess.
        catch (TypeInitializationException error)
        {
            throw new BadInputException(
                "Torch cannot be used: TorchSharp's native library does not load. Run ./comigs setup --torch; where "
                + "that is done, the system's C++ runtime is too old for it. Or use --device cpu.", error);
        }
        catch (Exception error) when (error is ArgumentException or FormatException
            or InvalidOperationException or ExternalException)
        {
            throw new BadInputException(
                $"Device '{settings.Device}' cannot be used ({error.Message}); "
                + $"there are cpu and {cuda.device_count()} CUDA devices.", error);
        }
    }

    /// <summary>TorchSharp fills the console with its search when its native library does not load; whoever opens a
    /// trainer is told in one sentence.</summary>
    private static void LoadQuietly()
    {
        lock (Loading)
        {
            var console = Console.Out;
            Console.SetOut(TextWriter.Null);
            try
            {
                RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
            }
            finally
            {
                Console.SetOut(console);
            }
        }
    }

    public long BytesFor(AdapterShape shape, int microBatch, int sequenceLength) =>
        StackPlanner.BytesPerUser(Model, shape, microBatch, sequenceLength);

    public async Task<LocalOutcome> TrainAsync(LocalWork work, CancellationToken stop)
    {
        RequireFits(work.User, work.Plan.SequenceLength);
        return await Queue<LocalWork, LocalOutcome>(work, stop);
    }

    public async Task<Measurement> MeasureAsync(MeasureWork work, CancellationToken stop)
    {
        RequireFits(work.User, work.Windows.Select(window => window.Length - 1).ToArray());
        return await Queue<MeasureWork, Measurement>(work, stop);
    }

    public async Task<Inspection> InspectAsync(InspectWork work, CancellationToken stop)
    {
        RequireFits(work.User, work.SequenceLength);
        return await Queue<InspectWork, Inspection>(work, stop);
    }

    /// <summary>Ends what is under way at its next step; calls that wait fail.</summary>
    public void Dispose()
    {
        if (!closing.IsCancellationRequested)
        {
            closing.Cancel();
            orders.CompleteAdding();
            thread.Join();
            frozen.Dispose();
            orders.Dispose();
            closing.Dispose();
        }
    }

    // Shapes are checked at the door: libtorch may take the process down over a wrong one.
    private void RequireFits(UserModel user, params int[] sequenceLengths)
    {
        var length = ParameterLayout.Of(Model, user.Shape).Length;
        if (length != user.Parameters.Length)
        {
            throw new ArgumentException(
                $"The user has {user.Parameters.Length} parameters, but its shape on this base needs {length}.");
        }

        if (sequenceLengths.Where(tokens => tokens < 1 || tokens > Model.PositionCount).ToArray() is [var wrong, ..])
        {
            throw new ArgumentException(
                $"A sequence of {wrong} tokens does not fit the base, which has {Model.PositionCount} positions.");
        }
    }

    private Task<TResult> Queue<TWork, TResult>(TWork work, CancellationToken stop)
    {
        var order = new TorchOrder<TWork, TResult>(work, stop);
        orders.Add(order, CancellationToken.None);
        return order.Answer;
    }

    private void Run()
    {
        using var withoutGradients = no_grad();
        set_num_threads(settings.Threads);
        foreach (var first in orders.GetConsumingEnumerable())
        {
            List<TorchOrder> gathered = [first];
            while (orders.TryTake(out var next, settings.Gathering))
            {
                gathered.Add(next);
            }

            Serve([.. gathered.Where(order => !order.Stop.IsCancellationRequested)]);
        }
    }

    private void Serve(TorchOrder[] batch)
    {
        foreach (var measure in batch.OfType<TorchOrder<MeasureWork, Measurement>>())
        {
            Answer([measure], stop => [StackProbe.Measure(frozen, measure.Work, settings.StackBytes, stop)]);
        }

        foreach (var inspect in batch.OfType<TorchOrder<InspectWork, Inspection>>())
        {
            Answer([inspect], _ => [StackProbe.Inspect(frozen, inspect.Work)]);
        }

        var training = batch.OfType<TorchOrder<LocalWork, LocalOutcome>>();
        foreach (var stack in StackPlanner.Split(training, order => order.Work, Model, settings.StackBytes))
        {
            Answer(stack, stop => Train([.. stack.Select(order => order.Work)], stop));
        }
    }

    private LocalOutcome[] Train(LocalWork[] work, CancellationToken stop)
    {
        if (uncompared is { } checkpoint)
        {
            uncompared = null;
            settings.Compared!(PrecisionComparison.Of(frozen, checkpoint, work[0]));
        }

        using var learner = new StackLearner(frozen, work);

        // The learner never waits, so the round is over when the call returns.
        LocalRound.RunAsync(
            learner, work[0].Plan, work[0].StepsTaken, stop,
            phase => Array.ForEach(work, user => user.BeforeStep?.Invoke(phase))).GetAwaiter().GetResult();
        return learner.Finish();
    }

    private void Answer<TWork, TResult>(TorchOrder<TWork, TResult>[] stack, Func<CancellationToken, TResult[]> compute)
    {
        using var stop = new UnanimousStop([.. stack.Select(order => order.Stop)], closing.Token);
        try
        {
            var results = compute(stop.Token);
            for (var i = 0; i < stack.Length; i++)
            {
                stack[i].Complete(results[i]);
            }
        }
        catch (Exception error)
        {
            // The caller gets it: nothing that one stack does may end the device's thread.
            Array.ForEach(stack, order => order.Fail(error));
        }
    }
}
