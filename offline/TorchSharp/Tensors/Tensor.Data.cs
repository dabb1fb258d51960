using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        /// <summary>The memory of a contiguous tensor on the CPU: a view, valid while the tensor lives. Setting
        /// copies.</summary>
        /// <exception cref="InvalidOperationException">Not contiguous, or not on the CPU.</exception>
        /// <exception cref="ArgumentException">More than 2 GiB, or the bytes set are not as many as the
        /// tensor's.</exception>
        public unsafe Span<byte> bytes
        {
            get
            {
                var count = numel() * NativeMethods.ct_element_size(Native);
                if (!is_contiguous())
                {
                    throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
                }

                if (count > int.MaxValue)
                {
                    throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                }

                return new Span<byte>((void*)Address(), (int)count);
            }

            set
            {
                var memory = bytes;
                if (memory.Length != value.Length)
                {
                    throw new ArgumentException("Mismatched data sizes in SetBytes().");
                }

                value.CopyTo(memory);
            }
        }

        /// <summary>The elements, whatever the strides; copied to the CPU first when they are elsewhere.</summary>
        /// <exception cref="ArgumentException">T is not the .NET type of the tensor's elements.</exception>
        public Utils.TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            var expected = dtype switch
            {
                ScalarType.Byte => typeof(byte),
                ScalarType.Int32 => typeof(int),
                ScalarType.Int64 => typeof(long),
                ScalarType.Float32 => typeof(float),
                ScalarType.Float64 => typeof(double),
                ScalarType.Bool => typeof(bool),
                var other => throw new ArgumentException($"No support for {other} in TorchSharp"),
            };
            return typeof(T) == expected
                ? new Utils.TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu())
                : throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}");
        }

        /// <summary>The one element of a tensor that has one.</summary>
        public T item<T>()
            where T : unmanaged =>
            numel() == 1 ? data<T>()[0] : throw new ArgumentException("Number of elements in the tensor must be 1");

        /// <summary>Overwrites this tensor, converting and moving as needed; shapes broadcast.</summary>
        public Tensor copy_(Tensor source, bool nonBlocking = false) =>
            Done(NativeMethods.ct_copy_(Native, source.Native, nonBlocking));

        public Tensor clone() => new(NativeMethods.ct_clone(Native, out var result), result);

        /// <summary>On the CPU; the same memory where it is there already.</summary>
        public Tensor cpu() => to(DeviceType.CPU);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false,
            bool non_blocking = false)
        {
            InitializeDeviceType(deviceType);
            return Moved(NativeMethods.ct_to_device(
                Native, (int)deviceType, deviceIndex, copy, non_blocking, out var result), result, disposeAfter);
        }

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(device.type, device.index, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(
                NativeMethods.ct_to_type(Native, (int)type, copy, non_blocking, out var result), result, disposeAfter);

        internal nint Address()
        {
            if (device_type != DeviceType.CPU)
            {
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. "
                    + "Move or copy the tensor to the cpu before reading.");
            }

            NativeBackend.Check(NativeMethods.ct_data(Native, out var address));
            return address;
        }

        private Tensor Moved(int status, TensorHandle result, bool disposeAfter)
        {
            var moved = new Tensor(status, result);
            if (disposeAfter)
            {
                Dispose();
            }

            return moved;
        }

        // In-place operations give the tensor back, as upstream.
        private Tensor Done(int status)
        {
            NativeBackend.Check(status);
            return this;
        }
    }
}
