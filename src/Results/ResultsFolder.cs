using System.Collections.Immutable;
using System.Text;
using CoMiGS.Learning;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Results;

/// <summary>Where a run's results go. The resolved run file in it says whose results they are.</summary>
internal static class ResultsFolder
{
    public const string Root = "results";
    public const string RunFileName = "run.yaml";
    public const string InputsName = "inputs.sha256";
    public const string SummaryName = "summary.json";
    public const string ReportName = "report.html";
    public const string TracesName = "traces.json";

    /// <summary>Folder of every user's adapters.</summary>
    public const string AdaptersName = "adapters";

    /// <summary>Folder of the report's figures as CSV.</summary>
    public const string FiguresName = "figures";

    public const string StateName = "state";

    /// <summary>A state that is being deleted.</summary>
    private const string DiscardedName = "state.discarded";

    /// <summary>What a run leaves behind beside its run file. A person may have put other things there: those stay.
    /// </summary>
    private static readonly string[] Leftovers =
    [
        InputsName, AdaptersName, "arms", FiguresName, MetricsFile.Name, ReportName, StateName, DiscardedName,
        SummaryName, TracesName,
    ];

    /// <summary>A folder for this run, without what an earlier, identical run left in it; another run's results are
    /// never touched.
    /// Without <paramref name="wanted"/>: ROOT/NAME, or ROOT/NAME-2 and so on when those are another run's.</summary>
    /// <param name="root">Folder of all results.</param>
    /// <returns>Absolute path; the folder exists and holds run.yaml and inputs.sha256.</returns>
    /// <exception cref="BadInputException">The wanted folder holds something else, or cannot be made or written.
    /// </exception>
    public static string Prepare(string? wanted, string name, RunOrigin origin, string root = Root) =>
        Writing("--out", wanted ?? root, () =>
        {
            var folder = Find(wanted, name, origin, root);
            Claim(folder, origin);
            Discard(folder);
            AtomicFile.Write(Path.Combine(folder, InputsName), origin.Inputs);
            return folder;
        });

    /// <summary>The folder an identical run left its results in, with all that is in it; a new one where there is
    /// none.</summary>
    /// <exception cref="BadInputException">The folder holds the results of other settings or of other files; or as for
    /// <see cref="Prepare"/>.</exception>
    public static string Reopen(string? wanted, string name, RunOrigin origin, string root = Root) =>
        Writing("--out", wanted ?? root, () =>
        {
            var named = Path.GetFullPath(wanted ?? Path.Combine(root, name));
            var folder = wanted is null ? FirstFree(name, origin.RunFile, root) : named;
            if (!Holds(folder, origin.RunFile))
            {
                RequireNoOtherSettings(named, origin);
            }

            folder = Find(wanted, name, origin, root);
            RequireSameInputs(folder, origin);
            Claim(folder, origin);
            AtomicFile.Write(Path.Combine(folder, InputsName), origin.Inputs);
            return folder;
        });

    /// <summary>Where this run's results are or would go.</summary>
    /// <exception cref="BadInputException">The wanted folder holds something else.</exception>
    public static string Find(string? wanted, string name, RunOrigin origin, string root = Root) =>
        Writing("--out", wanted ?? root, () =>
        {
            var folder = wanted is null ? FirstFree(name, origin.RunFile, root) : Path.GetFullPath(wanted);
            return IsUsable(folder, origin.RunFile)
                ? folder
                : throw new BadInputException(
                    $"--out {wanted} holds {Holder(folder, origin)}; name another folder.");
        });

    /// <summary>A folder that exists and can be written, before work that takes long.</summary>
    /// <param name="option">What names the place.</param>
    /// <param name="name">Of the folder below the place; empty: the place itself.</param>
    /// <returns>Absolute.</returns>
    /// <exception cref="BadInputException">It cannot be written.</exception>
    public static string Ready(string option, string place, string name) => Writing(option, place, () =>
    {
        var folder = Directory.CreateDirectory(Path.Combine(place, name)).FullName;
        Probe(Path.Combine(folder, "probe" + AtomicFile.Unfinished));
        return folder;
    });

    /// <summary>Writes a file that does not stay.</summary>
    public static void Probe(string path) => new FileStream(
        path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();

    /// <exception cref="BadInputException">The place that an option names cannot be written.</exception>
    public static string Writing(string option, string place, Func<string> prepare)
    {
        try
        {
            return prepare();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"{option} '{place}' cannot be written: {error.Message}", error);
        }
    }

    /// <summary>The run file is the first that is written and never deleted: it says whose the folder is.</summary>
    private static void Claim(string folder, RunOrigin origin)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, RunFileName), origin.RunFile);
    }

    /// <summary>The state goes at once, so that nobody goes on from half of it.</summary>
    private static void Discard(string folder)
    {
        var (state, discarded) = (Path.Combine(folder, StateName), Path.Combine(folder, DiscardedName));
        if (Directory.Exists(state) && !Directory.Exists(discarded))
        {
            Directory.Move(state, discarded);
        }

        foreach (var entry in new DirectoryInfo(folder).GetFileSystemInfos()
            .Where(entry => Leftovers.Contains(entry.Name)))
        {
            Delete(entry);
        }
    }

    /// <param name="folder">Holds no run with these settings.</param>
    private static void RequireNoOtherSettings(string folder, RunOrigin origin)
    {
        if (File.Exists(Path.Combine(folder, RunFileName)))
        {
            throw new BadInputException(
                $"{Shown(folder)} holds a run with other settings, so --resume cannot go on with it: "
                + $"{string.Join("; ", Differences(folder, origin))}.");
        }
    }

    /// <summary>What stands in the way, for people.</summary>
    private static string Holder(string folder, RunOrigin origin)
    {
        if (!File.Exists(Path.Combine(folder, InputsName)) || !File.Exists(Path.Combine(folder, RunFileName)))
        {
            return "other files";
        }

        try
        {
            return $"another run's results ({Differences(folder, origin).FirstOrDefault("in other words")})";
        }
        catch (BadInputException)
        {
            return "another run's results";   // whose run file was damaged
        }
    }

    private static ImmutableArray<string> Differences(string folder, RunOrigin origin)
    {
        var file = Path.Combine(folder, RunFileName);
        var there = InputFile.ReadText(file);
        YamlText.ReadText(there, file);   // a damaged one is called by its path
        return SettingDifferences.Of([("there", there), ("now", origin.RunFile)]);
    }

    private static void RequireSameInputs(string folder, RunOrigin origin)
    {
        if (ChangedInput(folder, origin) is { } changed)
        {
            throw new BadInputException(
                $"{changed} is not the file that the run in {Shown(folder)} began with, so --resume cannot go on with "
                + "it; --restart begins anew.");
        }
    }

    /// <summary>The first file that is another one now than when the run in the folder read it; null: none.</summary>
    public static string? ChangedInput(string folder, RunOrigin origin)
    {
        var file = Path.Combine(folder, InputsName);
        return File.Exists(file)
            && origin.Inputs.Split('\n').Except(InputFile.ReadText(file).Split('\n')).FirstOrDefault() is { } changed
                ? changed[(changed.IndexOf("  ", StringComparison.Ordinal) + 2)..]
                : null;
    }

    /// <summary>The folder as a person would name it from here.</summary>
    public static string Shown(string folder)
    {
        var relative = Path.GetRelativePath(".", folder);
        return relative.StartsWith("..", StringComparison.Ordinal) ? folder : relative;
    }

    /// <summary>Where this run's results are or would go: ROOT/NAME, or ROOT/NAME-2 and so on when those are another
    /// run's. Absolute.</summary>
    public static string FirstFree(string name, string resolved, string root) =>
        Enumerable.Range(1, int.MaxValue)
            .Select(number => Path.GetFullPath(Path.Combine(root, number == 1 ? name : $"{name}-{number}")))
            .First(folder => IsUsable(folder, resolved));

    private static bool IsUsable(string folder, string resolved)
    {
        if (File.Exists(folder))
        {
            return false;
        }

        var unfinished = Path.Combine(folder, RunFileName + AtomicFile.Unfinished);
        return !Directory.Exists(folder)
            || Directory.EnumerateFileSystemEntries(folder).All(entry => entry == unfinished)
            || Holds(folder, resolved);
    }

    private static bool Holds(string folder, string resolved) =>
        Path.Combine(folder, RunFileName) is var file && File.Exists(file) && File.ReadAllText(file) == resolved;

    private static void Delete(FileSystemInfo entry)
    {
        if (entry is DirectoryInfo folder && folder.LinkTarget is null)
        {
            folder.Delete(recursive: true);
        }
        else
        {
            entry.Delete();
        }
    }
}

/// <summary>Files that are there whole or not at all.</summary>
internal static class AtomicFile
{
    public const string Unfinished = ".new";

    public static void Write(string path, string text)
    {
        var unfinished = path + Unfinished;
        using (var file = File.Create(unfinished))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);   // before the name: a power cut leaves the old file or the new one
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
