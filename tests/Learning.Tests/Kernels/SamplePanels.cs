using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Tests.Kernels;

/// <summary>A user's adapters laid out, with the memory they lie in.</summary>
internal sealed unsafe class SamplePanels : IDisposable
{
    private readonly Arena arena;
    private readonly AdapterPanels panels;

    public SamplePanels(ParameterLayout layout, SimdLevel level, ReadOnlySpan<float> parameters)
    {
        var bytes = AdapterPanels.BytesFor(layout, level);
        arena = new(bytes);
        panels = new(layout, level, arena.Open().Take(bytes));
        fixed (float* values = parameters)
        {
            Load(values);
        }
    }

    public void Load(float* parameters) => panels.Load(parameters);

    public static implicit operator AdapterPanels(SamplePanels sample) => sample.panels;

    public void Dispose() => arena.Dispose();
}
