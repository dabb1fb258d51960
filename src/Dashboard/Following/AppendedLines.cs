using System.Text;

namespace CoMiGS.Dashboard.Following;

/// <summary>The lines that have been added to a file since somebody last asked. Knows lengths instead of change
/// notices, since those do not cross a network.</summary>
internal sealed class AppendedLines(string path)
{
    private long position;

    /// <summary>Whole lines only: the rest of one that is being written comes next time.</summary>
    /// <param name="startedOver">The file is shorter than before: it is another one.</param>
    public IReadOnlyList<string> Read(out bool startedOver)
    {
        startedOver = false;
        var length = new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        if (length == position)
        {
            return [];
        }

        if (length < position)
        {
            (position, startedOver) = (0, true);
            if (length == 0)
            {
                return [];
            }
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = position;
        var bytes = new byte[length - position];
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var whole = bytes.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
        position += whole;
        return Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
