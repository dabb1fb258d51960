namespace CoMiGS.Dashboard.Following;

/// <summary>A results folder for many readers at a time. Nothing is read while nobody asks; whoever asks has it read,
/// but not more often than a person could tell.</summary>
internal sealed class RunWatch(RunFolder folder, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(200);

    private readonly Lock gate = new();
    private RunFolder folder = folder;
    private long readAt = time.GetTimestamp();
    private int version;
    private bool isExpired;

    /// <summary>One more whenever something has been added.</summary>
    public int Version => Read(_ => version);

    /// <summary>What <paramref name="view"/> makes of the newest figures.</summary>
    public T Read<T>(Func<RunFolder, T> view)
    {
        lock (gate)
        {
            if (isExpired || time.GetElapsedTime(readAt) > Fresh)
            {
                isExpired = false;
                readAt = time.GetTimestamp();
                version += Refresh() ? 1 : 0;
            }

            return view(folder);
        }
    }

    /// <summary>The next answer is of what is there by then.</summary>
    public void Expire()
    {
        lock (gate)
        {
            isExpired = true;
        }
    }

    private bool Refresh()
    {
        if (!folder.IsReplaced)
        {
            return folder.Refresh();
        }

        folder = RunFolder.Open(folder.Path);
        return true;
    }
}
