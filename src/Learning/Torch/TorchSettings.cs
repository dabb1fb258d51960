using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Torch;

/// <summary>How a <see cref="TorchTrainer"/> uses its device.</summary>
public sealed record TorchSettings
{
    /// <summary>"cpu", "cuda" or "cuda:N".</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>What matrices of the frozen base are kept and multiplied in. Everything else is float32.</summary>
    public FloatType Precision { get; init; } = FloatType.Float32;

    /// <summary>In bfloat16: told once, before the first user is trained, how far that is from float32. On the device's
    /// thread.</summary>
    public Action<PrecisionComparison>? Compared { get; init; }

    /// <summary>Threads of one operation when the device is the CPU, at least 1.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Memory in bytes that one stack may take beside the frozen base: adapters, moments and activations. More
    /// users than fit are trained one stack after another; a single user is trained whatever it takes.</summary>
    public long StackBytes { get; init; } = 4L << 30;

    /// <summary>How long the device waits for another user to join a stack before it starts.</summary>
    public TimeSpan Gathering { get; init; } = TimeSpan.FromMilliseconds(10);
}
