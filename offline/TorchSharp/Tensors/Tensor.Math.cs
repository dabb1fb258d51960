using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        /// <summary>[n, k] · [k, m].</summary>
        public Tensor mm(Tensor target) => new(NativeMethods.ct_mm(Native, target.Native, out var result), result);

        /// <summary>[b, n, k] · [b, k, m], batch by batch.</summary>
        public Tensor bmm(Tensor batch2) => new(NativeMethods.ct_bmm(Native, batch2.Native, out var result), result);

        /// <summary>beta · this + alpha · mat1 · mat2; this may be a row to broadcast.</summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            new(NativeMethods.ct_addmm(Native, mat1.Native, mat2.Native, beta, alpha, out var result), result);

        public Tensor add(Tensor target) => add(target, 1);

        /// <summary>this + alpha · target.</summary>
        public Tensor add(Tensor target, Scalar alpha) =>
            new(NativeMethods.ct_add(Native, target.Native, alpha.Value, out var result), result);

        public Tensor add(Scalar scalar) =>
            new(NativeMethods.ct_add_scalar(Native, scalar.Value, out var result), result);

        public Tensor add_(Tensor target) => add_(target, 1);

        /// <summary>this += alpha · target.</summary>
        public Tensor add_(Tensor target, Scalar alpha) =>
            Done(NativeMethods.ct_add_(Native, target.Native, alpha.Value));

        public Tensor add_(Scalar scalar) => Done(NativeMethods.ct_add_scalar_(Native, scalar.Value));

        public Tensor sub(Tensor target) => new(NativeMethods.ct_sub(Native, target.Native, out var result), result);

        public Tensor sub(Scalar target) =>
            new(NativeMethods.ct_sub_scalar(Native, target.Value, out var result), result);

        public Tensor sub_(Tensor target) => Done(NativeMethods.ct_sub_(Native, target.Native));

        public Tensor mul(Tensor target) => new(NativeMethods.ct_mul(Native, target.Native, out var result), result);

        public Tensor mul(Scalar target) =>
            new(NativeMethods.ct_mul_scalar(Native, target.Value, out var result), result);

        public Tensor mul_(Tensor target) => Done(NativeMethods.ct_mul_(Native, target.Native));

        public Tensor mul_(Scalar target) => Done(NativeMethods.ct_mul_scalar_(Native, target.Value));

        // Upstream's have a second, optional parameter: a rounding mode.
        public Tensor div(Tensor target) => new(NativeMethods.ct_div(Native, target.Native, out var result), result);

        public Tensor div(Scalar target) =>
            new(NativeMethods.ct_div_scalar(Native, target.Value, out var result), result);

        public Tensor div_(Tensor target) => Done(NativeMethods.ct_div_(Native, target.Native));

        public Tensor div_(Scalar target) => Done(NativeMethods.ct_div_scalar_(Native, target.Value));

        /// <summary>this += value · tensor1 · tensor2.</summary>
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Done(NativeMethods.ct_addcmul_(Native, tensor1.Native, tensor2.Native, value.Value));

        public Tensor fill_(Scalar value) => Done(NativeMethods.ct_fill_(Native, value.Value));

        public Tensor neg() => new(NativeMethods.ct_neg(Native, out var result), result);

        public Tensor exp() => new(NativeMethods.ct_exp(Native, out var result), result);

        public Tensor sqrt() => new(NativeMethods.ct_sqrt(Native, out var result), result);

        /// <summary>1 / √this.</summary>
        public Tensor rsqrt() => new(NativeMethods.ct_rsqrt(Native, out var result), result);

        public Tensor tanh() => new(NativeMethods.ct_tanh(Native, out var result), result);
    }
}
