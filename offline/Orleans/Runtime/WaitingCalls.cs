using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>Calls that wait for their activation, in order of arrival; costs no memory while empty.</summary>
internal sealed class WaitingCalls
{
    private Call? first;
    private Call? last;
    private int overtakers;

    public bool IsEmpty => first is null;

    public void Add(Call call)
    {
        call.Next = null;
        if (last is null)
        {
            first = last = call;
        }
        else
        {
            last = last.Next = call;
        }

        overtakers += MayOvertake(call) ? 1 : 0;
    }

    /// <summary>Takes the first call that may run. Only interleaving calls overtake, so the search ends at the first
    /// obstacle when there are none of them.</summary>
    public bool TryTake(Func<Call, bool> mayRun, [NotNullWhen(true)] out Call? taken)
    {
        Call? before = null;
        for (var call = first; call is not null; before = call, call = call.Next)
        {
            if (call.IsFinished || mayRun(call))
            {
                Unlink(before, call);
                taken = call;
                return true;
            }

            if (overtakers == 0)
            {
                break;
            }
        }

        taken = null;
        return false;
    }

    public List<Call> TakeAll()
    {
        var all = new List<Call>();
        while (TryTake(static _ => true, out var call))
        {
            all.Add(call);
        }

        return all;
    }

    private static bool MayOvertake(Call call) => call.Interleaves || call.ReadOnly;

    private void Unlink(Call? before, Call call)
    {
        overtakers -= MayOvertake(call) ? 1 : 0;
        if (before is null)
        {
            first = call.Next;
        }
        else
        {
            before.Next = call.Next;
        }

        if (call.Next is null)
        {
            last = before;
        }

        call.Next = null;
    }
}
