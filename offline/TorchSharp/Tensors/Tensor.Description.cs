using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public ScalarType dtype => (ScalarType)NativeMethods.ct_dtype(Native);

        public Device device
        {
            get
            {
                NativeMethods.ct_device(Native, out var type, out var index);
                return new Device((DeviceType)type, index);
            }
        }

        public DeviceType device_type => device.type;

        /// <summary>Sizes, outermost first; a new array each time.</summary>
        public long[] shape => Layout().Shape;

        public long ndim => NativeMethods.ct_rank(Native);

        public long numel() => NativeMethods.ct_numel(Native);

        public long size(int dim) => shape[dim < 0 ? (int)ndim + dim : dim];

        /// <summary>Elements from one index to the next, per dimension.</summary>
        public long[] stride() => Layout().Strides;

        public bool is_contiguous() => NativeMethods.ct_is_contiguous(Native) != 0;

        public override string ToString() => IsInvalid ? "disposed" : $"[{string.Join("x", shape)}], {dtype}, {device}";

        private (long[] Shape, long[] Strides) Layout()
        {
            var shape = new long[ndim];
            var strides = new long[shape.Length];
            NativeMethods.ct_layout(Native, shape, strides);
            return (shape, strides);
        }
    }
}
