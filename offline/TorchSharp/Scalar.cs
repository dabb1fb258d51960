using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>A number handed to libtorch. Comes into being by implicit conversion only.</summary>
/// <remarks>Upstream's is a native object that waits for its finalizer; disposing one is allowed and not
/// needed.</remarks>
public sealed class Scalar : IDisposable
{
    private Scalar(Number value) => Value = value;

    internal Number Value { get; }

    public static implicit operator Scalar(int value) => new(new Number((long)value));

    public static implicit operator Scalar(long value) => new(new Number(value));

    public static implicit operator Scalar(float value) => new(new Number((double)value));

    public static implicit operator Scalar(double value) => new(new Number(value));

    public void Dispose()
    {
    }
}
