using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Training.Cpu;

/// <summary>Forward passes over windows; sums in window order.</summary>
internal sealed class CpuMeasurement(PassPool passes, ParameterLayout layout, UserModel user) : IDisposable
{
    private readonly UserBuffers buffers = new(layout, user, 0, passes);
    private readonly RoutingTally tally = new(layout.Model.LayerCount, layout.Adapters.ExpertCount);
    private double lossSum;
    private long tokens;

    public async Task AddAsync(TilePool pool, int[][] windows)
    {
        var losses = new double[windows.Length];
        var tallies = new RoutingTally[windows.Length];
        await pool.RunAsync(windows.Length, index => (losses[index], tallies[index]) = Forward(windows[index]));
        for (var i = 0; i < windows.Length; i++)
        {
            lossSum += losses[i];
            tokens += windows[i].Length - 1;
            tally.Add(tallies[i]);
        }
    }

    public Measurement Result() => new(lossSum, tokens, tally);

    public void Dispose() => buffers.Dispose();

    private unsafe (double Loss, RoutingTally Tally) Forward(int[] window)
    {
        var length = window.Length - 1;
        var capacity = layout.Model.PositionCount;
        var pass = passes.Rent(layout, capacity);
        try
        {
            var loss = pass.Forward(
                buffers.Panels, window.AsSpan(0, length), window.AsSpan(1, length), 0, false, null);
            var routed = new RoutingTally(layout.Model.LayerCount, layout.Adapters.ExpertCount);
            if (layout.Adapters.Routes)
            {
                routed.Add(pass.Tally);
            }

            return (loss, routed);
        }
        finally
        {
            passes.Return(pass, layout, capacity);
        }
    }
}
