using System.Runtime.InteropServices;

namespace CoMiGS.Learning.Kernels;

/// <summary>One block of 64-byte aligned, zeroed native memory, freed once. Large blocks ask Linux for huge pages:
/// panels are read with strides of whole pages, and address translation is what they would wait for.</summary>
internal sealed unsafe partial class Arena : IDisposable
{
    public const int Alignment = 64;
    private const int HugePage = 2 << 20, AdviseHugePages = 14;

    private readonly object gate = new();
    private byte* start;

    public Arena(long bytes)
    {
        Bytes = bytes;
        var isLarge = bytes >= HugePage;
        start = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)(isLarge ? HugePage : Alignment));
        if (isLarge && OperatingSystem.IsLinux())
        {
            // Advice: where it is refused, pages are small and results the same.
            _ = Advise(start, (nuint)(bytes & -HugePage), AdviseHugePages);
        }

        NativeMemory.Clear(start, (nuint)bytes);
    }

    ~Arena() => Free();

    public long Bytes { get; }

    public Cursor Open() => new(start);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint bytes, int advice);

    private void Free()
    {
        lock (gate)
        {
            NativeMemory.AlignedFree(start);
            start = null;
        }
    }

    /// <summary>Hands out consecutive aligned pieces. Over no memory (the default) it only measures: the same code says
    /// how much it needs and then takes it.</summary>
    public ref struct Cursor(byte* start)
    {
        private readonly byte* start = start;

        public long Bytes { get; private set; }

        public float* Floats(long count) => (float*)Take(count * sizeof(float));

        public int* Ints(long count) => (int*)Take(count * sizeof(int));

        public byte* Take(long bytes)
        {
            var piece = start == null ? null : start + Bytes;
            Bytes = checked(Bytes + ((bytes + Alignment - 1) & -Alignment));
            return piece;
        }

        public Matrix Matrix(long rows, int columns)
        {
            var stride = Kernels.Matrix.StrideFor(columns);
            return new Matrix(Floats(rows * stride), stride);
        }
    }
}
