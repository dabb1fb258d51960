using System.Text;

namespace CoMiGS.Dashboard.Following;

/// <summary>The lines that have been added to a file since somebody last asked. Knows lengths instead of change
/// notices, since those do not cross a network.</summary>
/// <param name="part">Bytes read at a time; a longer line takes as much memory as it needs.</param>
internal sealed class AppendedLines(string path, int part = 1 << 20)
{
    private const int BytesKnown = 1024;

    private long position;
    private byte[] known = [];   // the last of what was read

    /// <summary>Whether the file does not go on from what was read: it is another one, and is read from its start.
    /// </summary>
    public bool StartsOver()
    {
        var startsOver = Length() is var length && (length < position || (length > position && !GoesOn()));
        (position, known) = startsOver ? (0, []) : (position, known);
        return startsOver;
    }

    /// <summary>Whole lines only: the rest of one that is being written comes next time.</summary>
    public IEnumerable<string> Read()
    {
        if (Length() <= position)
        {
            yield break;
        }

        using var stream = Open();
        stream.Position = position;
        var bytes = new byte[part];
        var held = 0;   // of a line whose end has not come yet
        while (stream.Read(bytes, held, bytes.Length - held) is > 0 and var read)
        {
            var (start, filled) = (0, held + read);
            while (Array.IndexOf(bytes, (byte)'\n', start, filled - start) is >= 0 and var end)
            {
                position += end + 1 - start;
                known = bytes[Math.Max(start, end - BytesKnown)..(end + 1)];
                if (end > start)
                {
                    yield return Encoding.UTF8.GetString(bytes, start, end - start);
                }

                start = end + 1;
            }

            held = filled - start;
            Array.Copy(bytes, start, bytes, 0, held);
            if (held == bytes.Length)
            {
                Array.Resize(ref bytes, 2 * bytes.Length);
            }
        }
    }

    private bool GoesOn()
    {
        using var stream = Open();
        stream.Position = position - known.Length;
        var there = new byte[known.Length];
        return stream.ReadAtLeast(there, there.Length, throwOnEndOfStream: false) == there.Length
            && there.AsSpan().SequenceEqual(known);
    }

    private FileStream Open() => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private long Length() => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}
