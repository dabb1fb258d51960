namespace CoMiGS.Learning.Training.Cpu;

/// <summary>A fixed number of threads that take tiles (one sequence of one user, a few milliseconds) of whichever jobs
/// are waiting, oldest job first. What awaits a job continues on the thread that finished its last tile.</summary>
internal sealed class TilePool : IDisposable
{
    private readonly Queue<Job> waiting = new();
    private readonly Thread[] threads;
    private bool stopped;

    public TilePool(int threadCount)
    {
        threads = new Thread[threadCount];
        for (var i = 0; i < threadCount; i++)
        {
            threads[i] = new Thread(Work) { IsBackground = true, Name = $"comigs-trainer-{i}" };
            threads[i].Start();
        }
    }

    public int ThreadCount => threads.Length;

    /// <summary>Runs tile(0) … tile(count − 1) on the pool, in any order and at once; the task ends with the
    /// last.</summary>
    /// <exception cref="ObjectDisposedException">The pool was stopped before all tiles ran.</exception>
    public Task RunAsync(int count, Action<int> tile)
    {
        var job = new Job(count, tile);
        lock (waiting)
        {
            ObjectDisposedException.ThrowIf(stopped, this);
            waiting.Enqueue(job);
            Monitor.PulseAll(waiting);
        }

        return job.Task;
    }

    /// <summary>Lets running tiles finish and fails the jobs that still have tiles left.</summary>
    public void Dispose()
    {
        Job[] left;
        lock (waiting)
        {
            stopped = true;
            left = [.. waiting];
            waiting.Clear();
            Monitor.PulseAll(waiting);
        }

        foreach (var thread in threads)
        {
            if (thread != Thread.CurrentThread)
            {
                thread.Join();
            }
        }

        foreach (var job in left)
        {
            job.Abandon();
        }
    }

    private void Work()
    {
        while (Take(out var job, out var index))
        {
            job.Run(index);
        }
    }

    private bool Take(out Job job, out int index)
    {
        lock (waiting)
        {
            while (waiting.Count == 0 && !stopped)
            {
                Monitor.Wait(waiting);
            }

            if (stopped)
            {
                (job, index) = (null!, 0);
                return false;
            }

            job = waiting.Peek();
            index = job.Claim();
            if (job.IsClaimed)
            {
                waiting.Dequeue();
            }

            return true;
        }
    }

    private sealed class Job(int count, Action<int> tile)
    {
        // Continuations run inline on purpose: the user's own step follows its last tile on the same thread.
        private readonly TaskCompletionSource done = new();
        private Exception? failure;
        private int claimed;
        private int finished;

        public Task Task => done.Task;

        public bool IsClaimed => claimed == count;

        public int Claim() => claimed++;

        public void Run(int index)
        {
            try
            {
                tile(index);
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref failure, error, null);
            }

            if (Interlocked.Increment(ref finished) == count)
            {
                Finish();
            }
        }

        public void Abandon() => done.TrySetException(new ObjectDisposedException(nameof(TilePool)));

        private void Finish()
        {
            if (failure is null)
            {
                done.TrySetResult();
            }
            else
            {
                done.TrySetException(failure);
            }
        }
    }
}
