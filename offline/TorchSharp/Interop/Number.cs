using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>ct_scalar of comigs_torch.h: a floating-point or a whole number, so that libtorch's type promotion sees
/// which.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Number
{
    public readonly double Real;
    public readonly long Integer;
    public readonly int IsFloat;

    public Number(double real)
    {
        Real = real;
        IsFloat = 1;
    }

    public Number(long integer) => Integer = integer;
}
