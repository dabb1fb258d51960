using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Training.Cpu;

/// <summary>Native memory of one user in the middle of a round: parameters (also laid out for the kernels), moments,
/// the gradient and one gradient buffer a slot, each as long as the layout.</summary>
internal sealed unsafe class UserBuffers : IDisposable
{
    private readonly ParameterLayout layout;
    private readonly int length;
    private readonly int stride;
    private readonly int slotCount;
    private readonly SimdLevel level;
    private readonly ArenaPool pool;
    private Arena? arena;
    private float* memory;
    private int expertSteps;
    private int routerSteps;

    public UserBuffers(ParameterLayout layout, UserModel user, int slotCount, PassPool passes)
    {
        this.layout = layout;
        length = layout.Length;
        stride = StrideOf(length);
        (this.slotCount, level, pool) = (slotCount, passes.Level, passes.UserMemory);
        (expertSteps, routerSteps) = (user.ExpertSteps, user.RouterSteps);
        arena = pool.Rent(BytesFor(length, slotCount) + AdapterPanels.BytesFor(layout, level));
        var cursor = arena.Open();
        memory = (float*)cursor.Take(BytesFor(length, slotCount));
        Panels = new(layout, level, cursor.Take(AdapterPanels.BytesFor(layout, level)));
        user.Parameters.CopyTo(Span(0));
        user.FirstMoments.CopyTo(Span(1));
        user.SecondMoments.CopyTo(Span(2));
        Panels.Load(Parameters);
    }

    public AdapterPanels Panels { get; }

    /// <summary>Native memory of a user at this machine's best level.</summary>
    public static long BytesFor(ParameterLayout layout, int slotCount) =>
        BytesFor(layout.Length, slotCount) + AdapterPanels.BytesFor(layout, SimdLevels.Best);

    private float* Parameters => At(0);

    private float* FirstMoments => At(1);

    private float* SecondMoments => At(2);

    private float* Gradient => At(3);

    public float* Slot(int slot) => At(4 + slot);

    public void ClearGradient() => Span(3).Clear();

    public void ClearSlots()
    {
        for (var slot = 0; slot < slotCount; slot++)
        {
            Span(4 + slot).Clear();
        }
    }

    /// <summary>Adds the slots to the gradient, in order.</summary>
    public void FoldSlots()
    {
        for (var slot = 0; slot < slotCount; slot++)
        {
            Fold.Into(Gradient, Slot(slot), length, level);
        }
    }

    public double AddTerm(ParameterTerm term) => term(layout, Span(0), Span(3));

    /// <summary>One AdamW step of the phase's parts of the vector.</summary>
    public void Step(Phase phase, bool freezesA, AdamWSettings settings, float learningRate)
    {
        var step = phase == Phase.Router ? ++routerSteps : ++expertSteps;
        foreach (var (start, count) in phase.PartsOf(layout, freezesA))
        {
            AdamW.Step(
                Parameters + start, Gradient + start, FirstMoments + start, SecondMoments + start, count,
                learningRate, step, settings, level);
        }

        Panels.Load(Parameters);
    }

    public UserModel ToUser() => new(
        layout.Adapters, Span(0).ToArray(), Span(1).ToArray(), Span(2).ToArray(), expertSteps, routerSteps);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref arena, null) is { } block)
        {
            memory = null;
            pool.Return(block);
        }
    }

    private static long BytesFor(int length, int slotCount) => (4L + slotCount) * StrideOf(length) * sizeof(float);

    private static int StrideOf(int length) => (length + 15) / 16 * 16;

    private float* At(int buffer) => memory + ((nint)buffer * stride);

    private Span<float> Span(int buffer) => new(At(buffer), length);
}
