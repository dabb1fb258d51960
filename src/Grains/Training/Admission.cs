using CoMiGS.Grains.Placement;
using CoMiGS.Grains.Telemetry;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Training;

/// <summary>Lets users to work as long as their silo has a free slot and memory for them, in order of arrival: a large
/// user is not overtaken for ever by small ones.</summary>
internal sealed class Admission(SiloCapacity capacity)
{
    private static readonly KeyValuePair<string, object?> Waiting = new("state", "waiting");
    private static readonly KeyValuePair<string, object?> Working = new("state", "working");

    private readonly Lock gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Entered)> waiting = [];
    private int freeSlots = capacity.TrainerSlots;
    private long freeBytes = capacity.MemoryBytes ?? long.MaxValue;

    /// <param name="bytes">Memory the user takes while it is at work.</param>
    /// <returns>To be disposed of when the work has ended.</returns>
    /// <exception cref="UserFailedException">The user needs more memory than the silo has at all.</exception>
    public async Task<IDisposable> EnterAsync(long bytes, CancellationToken stop)
    {
        if (bytes > capacity.MemoryBytes)
        {
            throw new UserFailedException(
                $"it needs {bytes} bytes of memory at work, but its silo's budget is {capacity.MemoryBytes}");
        }

        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<(long, TaskCompletionSource)> place;
        lock (gate)
        {
            place = waiting.AddLast((bytes, turn));
        }

        Admit();
        Instruments.AdmissionUsers.Add(1, Waiting);
        try
        {
            await turn.Task.WaitAsync(stop);
            Instruments.AdmissionUsers.Add(1, Working);
            return new Place(this, bytes);
        }
        catch (OperationCanceledException)
        {
            GiveUp(place, turn, bytes);
            throw;
        }
        finally
        {
            Instruments.AdmissionUsers.Add(-1, Waiting);
        }
    }

    private void GiveUp(LinkedListNode<(long, TaskCompletionSource)> place, TaskCompletionSource turn, long bytes)
    {
        bool entered;
        lock (gate)
        {
            entered = turn.Task.IsCompleted;
            if (!entered)
            {
                waiting.Remove(place);
            }
        }

        if (entered)
        {
            Leave(bytes);
        }
        else
        {
            Admit();   // whoever stood behind may fit
        }
    }

    private void Leave(long bytes)
    {
        lock (gate)
        {
            (freeSlots, freeBytes) = (freeSlots + 1, freeBytes + bytes);
        }

        Admit();
    }

    private void Admit()
    {
        lock (gate)
        {
            while (waiting.First is { } next && freeSlots > 0 && next.Value.Bytes <= freeBytes)
            {
                waiting.RemoveFirst();
                (freeSlots, freeBytes) = (freeSlots - 1, freeBytes - next.Value.Bytes);
                next.Value.Entered.SetResult();
            }
        }
    }

    private sealed class Place(Admission admission, long bytes) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                Instruments.AdmissionUsers.Add(-1, Working);
                admission.Leave(bytes);
            }
        }
    }
}
