namespace CoMiGS.Silo.Storage;

/// <summary>A file that one holder on this machine, or on those that share its file system, has at a time. It is let
/// go with its process, however that ends, and stays where it is: whoever deleted it could delete the next one's.
/// </summary>
internal static class HeldFile
{
    private const int WouldBlock = 11, SharingViolation = unchecked((int)0x80070020);   // Linux, Windows
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>To be disposed of; null when another one has it.</summary>
    public static FileStream? TryTake(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException held) when (held.HResult is WouldBlock or SharingViolation)
        {
            return null;
        }
    }

    /// <summary>To be disposed of.</summary>
    /// <exception cref="IOException">Another one has it for longer than anything takes that is done while having it.
    /// </exception>
    public static async Task<FileStream> TakeAsync(string path)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (TryTake(path) is { } held)
            {
                return held;
            }

            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new IOException($"{path} is held by another process for more than {Patience.TotalSeconds} s.");
            }

            await Task.Delay(Pause);
        }
    }
}
