using System.Diagnostics;
using System.Globalization;
using CoMiGS.Learning;

namespace CoMiGS.Fuzz;

/// <summary>Feeds a parser with mutants. Each is either accepted or refused in one sentence that names the file, in
/// bounded time, memory and stack; everything else is a defect.</summary>
internal sealed class Fuzzer : IDisposable
{
    private const int StackBytes = 1 << 20;   // less than any thread of the program has
    private const int LongestMessage = 1000;
    private const int MostDefects = 5;
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(60);   // the machine may be busy
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(250);

    private readonly Parser parser;
    private readonly ulong seed;
    private readonly TimeSpan longestRead;
    private readonly string folder = Directory.CreateTempSubdirectory("comigs-fuzz-").FullName;
    private readonly Dictionary<string, string> defects = [];   // by kind, the first of each
    private int accepted, refused, failed;
    private int number = -1;        // of the mutant that is being read
    private long since;             // when reading it began

    /// <param name="longestRead">More is a hang; a minute otherwise.</param>
    public Fuzzer(Parser parser, ulong seed, TimeSpan? longestRead = null) =>
        (this.parser, this.seed, this.longestRead) = (parser, seed, longestRead ?? LongestRead);

    private string FilePath => Path.Combine(folder, parser.FileName);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>The seeds themselves, then so many mutants.</summary>
    public FuzzFigures Run(int mutants)
    {
        var start = Stopwatch.GetTimestamp();
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        var worker = new Thread(() => ReadAll(mutants), StackBytes) { IsBackground = true };
        worker.Start();
        while (!worker.Join(Glance))
        {
            if (Volatile.Read(ref number) >= 0 && Stopwatch.GetElapsedTime(Volatile.Read(ref since)) > longestRead)
            {
                return Figures(start, $"{Where(number)} is not read after {longestRead.TotalSeconds} s.");
            }
        }

        return Figures(start, hang: null);
    }

    private FuzzFigures Figures(long start, string? hang) => new(
        parser.Name, accepted + refused + failed, accepted, refused, failed + (hang is null ? 0 : 1),
        Stopwatch.GetElapsedTime(start).TotalSeconds,
        [.. hang is null ? [] : new[] { hang }, .. defects.Values.Take(MostDefects)]);

    private void ReadAll(int mutants)
    {
        foreach (var content in parser.Seeds)
        {
            if (!Read(content, "a seed"))
            {
                Note("seed", "a seed is refused.");
            }
        }

        var mutator = new Mutator(parser, seed);
        for (var next = 0; next < mutants; next++)
        {
            Read(mutator.Mutant(next), Where(next), next);
        }
    }

    private string Where(int mutant) => $"mutant {mutant} of seed {seed}";

    /// <returns>Whether it was accepted.</returns>
    private bool Read(byte[] content, string where, int mutant = -1)
    {
        File.Delete(FilePath);   // writing over a file makes some file systems wait for the disk
        File.WriteAllBytes(FilePath, content);
        Volatile.Write(ref since, Stopwatch.GetTimestamp());
        Volatile.Write(ref number, mutant);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = null;
        try
        {
            parser.Read(FilePath);
        }
        catch (Exception thrown)
        {
            error = thrown;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Volatile.Write(ref number, -1);
        if (Defect(error, content, allocated) is var (kind, what))
        {
            failed++;
            Note(kind, $"{where}: {what}", content);
            return true;
        }

        (accepted, refused) = error is null ? (accepted + 1, refused) : (accepted, refused + 1);
        return error is null;
    }

    private (string Kind, string What)? Defect(Exception? error, byte[] content, long allocated)
    {
        var perByte = (double)(allocated - parser.BytesAlways(content)) / Math.Max(1, content.Length);
        if (error is not null and not BadInputException)
        {
            return ($"{error.GetType()} {error.StackTrace?.Split('\n')[0]}", error.ToString());
        }

        return error?.Message switch
        {
            { Length: > LongestMessage } message => ("long", $"a message of {message.Length} characters."),
            { } message when message.Any(char.IsControl) => ("lines", $"a message with control characters: {message}"),
            { } message when !parser.Culprits.Any(word => message.Contains(word, StringComparison.Ordinal)) =>
                ($"nameless {message[..Math.Min(20, message.Length)]}", $"a message without the file: {message}"),
            { } message when message[^1] is not ('.' or '?') => ("sentence", $"not a sentence: {message}"),
            _ when perByte > parser.BytesPerByte => ("memory", string.Create(
                CultureInfo.InvariantCulture, $"{allocated} bytes allocated for {content.Length} bytes of input.")),
            _ => null,
        };
    }

    private void Note(string kind, string what, byte[]? content = null)
    {
        if (defects.TryAdd(kind, what) && content is not null
            && Environment.GetEnvironmentVariable("COMIGS_FUZZ_KEEP") is { Length: > 0 } keep)
        {
            var name = $"{parser.Name}-{defects.Count}-{Path.GetFileName(parser.FileName)}";
            Directory.CreateDirectory(keep);
            File.WriteAllBytes(Path.Combine(keep, name), content);
        }
    }
}

/// <summary>What became of the mutants.</summary>
/// <param name="Examples">The first defect of each kind.</param>
internal sealed record FuzzFigures(
    string Parser, int Inputs, int Accepted, int Refused, int Defects, double Seconds,
    string[] Examples);
