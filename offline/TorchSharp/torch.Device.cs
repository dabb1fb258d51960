using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The default device. Touching it loads the native library.</summary>
    /// <exception cref="NotSupportedException">The native library is missing.</exception>
    public static Device CPU => InitializeDevice(null);

    /// <summary>A device by name: "cpu", "cuda", "cuda:1".</summary>
    /// <exception cref="ArgumentException">No such kind of device.</exception>
    /// <exception cref="InvalidOperationException">There is no usable CUDA device.</exception>
    /// <exception cref="NotSupportedException">The native library is missing.</exception>
    public static Device device(string description) => InitializeDevice(new Device(description));

    /// <inheritdoc cref="device(string)"/>
    public static Device device(DeviceType deviceType, int index = -1) =>
        InitializeDevice(new Device(deviceType, index));

    /// <summary>Where a tensor lives.</summary>
    public class Device
    {
        public Device(string description)
        {
            var parts = description.Split(':');
            type = Enum.Parse<DeviceType>(parts[0].ToUpperInvariant());
            index = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : -1;
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public DeviceType type { get; }

        /// <summary>0-based; -1 is the current device of that kind.</summary>
        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString() => type == DeviceType.CPU
            ? "cpu"
            : index == -1 ? "cuda" : FormattableString.Invariant($"cuda:{index}");
    }
}
