using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>The part of TorchSharp 0.106 that CoMiGS uses, with upstream's names and meaning, over any libtorch 1.13
/// or 2.x. Tensors take part in no autograd graph: nothing here sets requires_grad.</summary>
/// <remarks>The assembly loads without the native library. What needs it throws <see cref="NotSupportedException"/>;
/// <see cref="InitializeDeviceType"/> is the way to ask beforehand. libtorch's own errors surface as
/// <see cref="System.Runtime.InteropServices.ExternalException"/>.</remarks>
public static partial class torch
{
    /// <summary>Element types, numbered as c10::ScalarType. Upstream has more.</summary>
    public enum ScalarType : sbyte
    {
        Byte = 0,
        Int32 = 3,
        Int64 = 4,
        Float32 = 6,
        Float64 = 7,
        Bool = 11,
        BFloat16 = 15,
    }

    /// <summary>Makes a kind of device ready.</summary>
    /// <exception cref="InvalidOperationException">There is no usable CUDA device.</exception>
    /// <exception cref="NotSupportedException">The native library is missing.</exception>
    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
        {
            throw new InvalidOperationException(
                $"Torch device type {deviceType} did not initialise on the current machine.");
        }
    }

    /// <summary>Whether a kind of device can be used.</summary>
    /// <exception cref="NotSupportedException">The native library is missing.</exception>
    public static bool TryInitializeDeviceType(DeviceType deviceType)
    {
        NativeBackend.EnsureLoaded();
        return deviceType == DeviceType.CPU || cuda.DeviceCount() > 0;
    }

    /// <summary>The device itself, made ready; null is the CPU.</summary>
    /// <inheritdoc cref="InitializeDeviceType"/>
    public static Device InitializeDevice(Device? device)
    {
        device ??= new Device(DeviceType.CPU);
        InitializeDeviceType(device.type);
        return device;
    }

    /// <summary>Opens a scope that disposes every tensor made on this thread until it is itself disposed.</summary>
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.ThreadSingleton.NewDisposeScope();

    /// <summary>Until disposed, operations on this thread record nothing for autograd.</summary>
    public static IDisposable no_grad() => new GradientMode(enabled: false);

    public static bool is_grad_enabled()
    {
        NativeBackend.EnsureLoaded();
        NativeBackend.Check(NativeMethods.ct_get_grad_enabled(out var enabled));
        return enabled != 0;
    }

    /// <summary>Threads of one operation on the CPU, OpenBLAS's among them.</summary>
    public static void set_num_threads(int num)
    {
        NativeBackend.EnsureLoaded();
        NativeBackend.Check(NativeMethods.ct_set_num_threads(num));
    }

    public static int get_num_threads()
    {
        NativeBackend.EnsureLoaded();
        NativeBackend.Check(NativeMethods.ct_get_num_threads(out var count));
        return count;
    }

    public static class cuda
    {
        /// <exception cref="NotSupportedException">The native library is missing.</exception>
        public static bool is_available() => device_count() > 0;

        /// <inheritdoc cref="is_available"/>
        public static int device_count()
        {
            NativeBackend.EnsureLoaded();
            return DeviceCount();
        }

        /// <summary>Waits until the device has done what was asked of it; null is the current device.</summary>
        public static void synchronize(Device? device = null)
        {
            InitializeDeviceType(DeviceType.CUDA);
            NativeBackend.Check(NativeMethods.ct_cuda_synchronize(device?.index ?? -1));
        }

        internal static int DeviceCount()
        {
            NativeBackend.Check(NativeMethods.ct_cuda_device_count(out var count));
            return count;
        }
    }

    private sealed class GradientMode : IDisposable
    {
        private readonly bool before = is_grad_enabled();

        public GradientMode(bool enabled) => NativeBackend.Check(NativeMethods.ct_set_grad_enabled(enabled));

        public void Dispose() => NativeBackend.Check(NativeMethods.ct_set_grad_enabled(before));
    }
}
