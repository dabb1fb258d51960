using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Training.Cpu;

/// <summary>Blocks for the users at work, used again and again: allocating millions of bytes for every user leaves the
/// heap full of holes. Holds at most <paramref name="limit"/> idle blocks; what is in them is whatever was.</summary>
internal sealed class ArenaPool(int limit) : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Arena> idle = [];   // smallest first

    /// <returns>A block of at least so many bytes.</returns>
    public Arena Rent(long bytes)
    {
        lock (gate)
        {
            var fitting = idle.FindIndex(arena => arena.Bytes >= bytes);
            if (fitting >= 0)
            {
                var arena = idle[fitting];
                idle.RemoveAt(fitting);
                return arena;
            }

            if (idle.Count > 0)
            {
                Drop(0);   // the new one takes its place
            }
        }

        return new Arena(bytes);
    }

    public void Return(Arena arena)
    {
        lock (gate)
        {
            var place = idle.FindIndex(other => other.Bytes >= arena.Bytes);
            idle.Insert(place < 0 ? idle.Count : place, arena);
            if (idle.Count > limit)
            {
                Drop(0);
            }
        }
    }

    public void Dispose()
    {
        idle.ForEach(arena => arena.Dispose());
        idle.Clear();
    }

    private void Drop(int index)
    {
        idle[index].Dispose();
        idle.RemoveAt(index);
    }
}
