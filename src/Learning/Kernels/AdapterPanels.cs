using System.Runtime.InteropServices;
using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Kernels;

/// <summary>One user's adapters and routers laid out for the kernels: once a step, for all sequences of the step and on
/// any number of threads.</summary>
public sealed unsafe class AdapterPanels
{
    /// <summary>By block: attention's two, every expert's two, the router if there is one.</summary>
    private readonly LowRankMap[] maps;
    private readonly int mapsPerBlock;

    /// <summary>Holds nothing yet, see <see cref="Load"/>.</summary>
    /// <param name="memory">Aligned to 64 bytes, as long as <see cref="BytesFor"/> says, and for no one else.</param>
    public AdapterPanels(ParameterLayout layout, SimdLevel level, byte* memory)
    {
        Layout = layout;
        maps = Maps(layout);
        mapsPerBlock = maps.Length / layout.Model.LayerCount;
        NativeMemory.Clear(memory, (nuint)BytesOf(maps, level));   // what pads narrow matrices is multiplied, too
        var cursor = new Arena.Cursor(memory);
        foreach (var map in maps)
        {
            map.Take(ref cursor, level.Width());
        }
    }

    public ParameterLayout Layout { get; }

    /// <summary>Native memory of one.</summary>
    public static long BytesFor(ParameterLayout layout, SimdLevel level) => BytesOf(Maps(layout), level);

    /// <summary>Lays out these values.</summary>
    /// <param name="parameters">The user's flat vector, <see cref="ParameterLayout.Length"/> floats.</param>
    public void Load(float* parameters)
    {
        foreach (var map in maps)
        {
            map.Load(parameters);
        }
    }

    internal LowRankMap AttentionInput(int layer) => maps[layer * mapsPerBlock];

    internal LowRankMap AttentionOutput(int layer) => maps[(layer * mapsPerBlock) + 1];

    internal LowRankMap MlpInput(int layer, int expert) => maps[(layer * mapsPerBlock) + 2 + (2 * expert)];

    internal LowRankMap MlpOutput(int layer, int expert) => maps[(layer * mapsPerBlock) + 3 + (2 * expert)];

    internal LowRankMap Router(int layer) => maps[((layer + 1) * mapsPerBlock) - 1];

    private static LowRankMap[] Maps(ParameterLayout layout)
    {
        var maps = new List<LowRankMap>();
        for (var layer = 0; layer < layout.Model.LayerCount; layer++)
        {
            maps.Add(Adapter(layout, AdapterSite.AttentionInput, layer, 0));
            maps.Add(Adapter(layout, AdapterSite.AttentionOutput, layer, 0));
            for (var expert = 0; expert < layout.Adapters.ExpertCount; expert++)
            {
                maps.Add(Adapter(layout, AdapterSite.MlpInput, layer, expert));
                maps.Add(Adapter(layout, AdapterSite.MlpOutput, layer, expert));
            }

            if (layout.Adapters.Routes)
            {
                maps.Add(new(layout[AdapterSite.Router, Factor.Weight, layer], null, 1));
            }
        }

        return [.. maps];
    }

    private static LowRankMap Adapter(ParameterLayout layout, AdapterSite site, int layer, int expert) => new(
        layout[site, Factor.A, layer, expert], layout[site, Factor.B, layer, expert],
        layout.Adapters.ScaleOf(site));

    private static long BytesOf(LowRankMap[] maps, SimdLevel level)
    {
        var measure = default(Arena.Cursor);
        foreach (var map in maps)
        {
            map.Take(ref measure, level.Width());
        }

        return measure.Bytes;
    }
}
