namespace CoMiGS.Learning.Kernels;

/// <summary>Vectors of floats, so that each kernel is written once: <c>Kernel&lt;TSimd, TVector&gt;</c> with struct
/// arguments is compiled for each pair on its own, and every member below becomes one instruction.</summary>
/// <typeparam name="TVector">The vector itself; locals of this type stay in registers.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector: 4, 8 or 16.</summary>
    static abstract int Width { get; }

    /// <summary>Whether 16 accumulators and the operands fit the registers (32 of them); otherwise tiles are half as
    /// tall.</summary>
    static abstract bool HasManyRegisters { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Broadcast(float value);

    static abstract TVector Load(float* source);

    /// <summary>source[0], source[1], source[0], source[1], …</summary>
    static abstract TVector BroadcastPair(float* source);

    /// <summary>a[0] + a[1], a[2] + a[3], …, and zeros.</summary>
    static abstract TVector SumPairs(TVector a);

    static abstract void Store(float* target, TVector value);

    /// <summary>a·b + c, fused where the machine can.</summary>
    static abstract TVector Fma(TVector a, TVector b, TVector c);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector Min(TVector a, TVector b);

    static abstract TVector Max(TVector a, TVector b);

    static abstract TVector Sqrt(TVector a);

    /// <summary>Sum of the elements, always in the same order.</summary>
    static abstract float Sum(TVector a);

    /// <summary>The largest element.</summary>
    static abstract float Largest(TVector a);

    /// <summary>The nearest whole number.</summary>
    static abstract TVector Round(TVector a);

    /// <summary>a·2^n for whole n of any size; too small a result may be zero.</summary>
    static abstract TVector TimesPowerOfTwo(TVector a, TVector n);
}
