namespace Orleans.Runtime;

/// <summary>Runs the turns of one activation one after another on pool threads: new calls, and the continuations
/// of calls in progress, which await on this scheduler as <see cref="TaskScheduler.Current"/>.</summary>
internal sealed class TurnScheduler(Activation owner) : TaskScheduler, IThreadPoolWorkItem
{
    /// <summary>Longest time one activation keeps a pool thread while others wait.</summary>
    private const int SliceMs = 50;

    private static ExecutionContext? empty;

    private readonly Queue<object> turns = new();
    private bool scheduled;
    private bool refusesCalls;
    private bool dead;
    private Task? pump;

    /// <summary>Adds a call to the turns; false when the activation has ended and the call must go elsewhere.</summary>
    public bool TryPost(Call call)
    {
        lock (turns)
        {
            if (refusesCalls)
            {
                return false;
            }

            turns.Enqueue(call);
            return !Claim() || ScheduleSoon();
        }
    }

    /// <summary>Runs an action as a turn, unless the silo died.</summary>
    public void Post(Action action) => _ = Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);

    /// <summary>From now on calls are refused; returns those not yet run. Continuations still run.</summary>
    public List<Call> RefuseCalls()
    {
        lock (turns)
        {
            refusesCalls = true;
            var calls = turns.OfType<Call>().ToList();
            var rest = turns.Where(turn => turn is not Call).ToList();
            turns.Clear();
            rest.ForEach(turns.Enqueue);
            return calls;
        }
    }

    /// <summary>Forgets the async locals of what ran before: they are not for the next call.</summary>
    public void LeaveContext()
    {
        if (!ReferenceEquals(ExecutionContext.Capture(), empty))
        {
            ExecutionContext.Restore(empty!);
        }
    }

    /// <summary>Drops every turn, as the death of a process would.</summary>
    public void Kill()
    {
        lock (turns)
        {
            dead = refusesCalls = true;
            turns.Clear();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        // Pool threads begin with an empty context.
        empty ??= ExecutionContext.Capture();

        // Grain code must see this scheduler as current, so the pump itself is a task of this scheduler.
        pump = new Task(static state => ((TurnScheduler)state!).Pump(), this, TaskCreationOptions.DenyChildAttach);
        pump.Start(this);
    }

    protected override void QueueTask(Task task)
    {
        if (ReferenceEquals(task, pump))
        {
            TryExecuteTask(task);
            return;
        }

        lock (turns)
        {
            if (!dead)
            {
                turns.Enqueue(task);
                _ = Claim() && ScheduleSoon();
            }
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        RuntimeContext.Current == owner && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (turns)
        {
            return turns.OfType<Task>().ToList();
        }
    }

    private bool Claim() => !scheduled && (scheduled = true);

    private bool Schedule(bool preferLocal) => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal);

    /// <summary>On this thread's own queue, for its warm caches, but in every other slice only: a pool thread looks at
    /// nothing else while its own queue has work, and callers that never pause always give it some.</summary>
    private bool ScheduleSoon() => Schedule(preferLocal: Environment.TickCount64 / SliceMs % 2 == 0);

    private void Pump()
    {
        var end = Environment.TickCount64 + SliceMs;
        RuntimeContext.Current = owner;
        try
        {
            while (Next() is { } turn)
            {
                if (turn is Call call)
                {
                    owner.Accept(call);
                }
                else
                {
                    TryExecuteTask((Task)turn);
                }

                if (Environment.TickCount64 > end)
                {
                    Schedule(preferLocal: false);
                    return;
                }
            }
        }
        finally
        {
            RuntimeContext.Current = null;
        }
    }

    private object? Next()
    {
        lock (turns)
        {
            if (turns.TryDequeue(out var turn))
            {
                return turn;
            }

            scheduled = false;
            return null;
        }
    }
}
