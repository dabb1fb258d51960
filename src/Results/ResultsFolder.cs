using CoMiGS.Learning;

namespace CoMiGS.Results;

/// <summary>Where a run's results go. The resolved run file in it says whose results they are.</summary>
internal static class ResultsFolder
{
    public const string RunFileName = "run.yaml";
    public const string InputsName = "inputs.sha256";
    public const string SummaryName = "summary.json";
    public const string ReportName = "report.html";
    public const string TracesName = "traces.json";

    /// <summary>Folder of every user's adapters.</summary>
    public const string AdaptersName = "adapters";

    /// <summary>Folder of the report's figures as CSV.</summary>
    public const string FiguresName = "figures";

    /// <summary>What a run leaves behind. A person may have put other things beside it: those stay.</summary>
    private static readonly string[] Ours =
    [
        RunFileName, InputsName, AdaptersName, "arms", FiguresName, MetricsFile.Name, ReportName, "state", SummaryName,
        TracesName,
    ];

    /// <summary>A folder for this run, without what an earlier, identical run left in it; another run's results are
    /// never touched.
    /// Without <paramref name="wanted"/>: ROOT/NAME, or ROOT/NAME-2 and so on when those are another run's.</summary>
    /// <param name="root">Folder of all results.</param>
    /// <returns>Absolute path; the folder exists and holds run.yaml and inputs.sha256.</returns>
    /// <exception cref="BadInputException">The wanted folder holds something else, or cannot be made or written.
    /// </exception>
    public static string Prepare(string? wanted, string name, RunOrigin origin, string root = "results")
    {
        try
        {
            var folder = wanted is null ? FirstFree(name, origin.RunFile, root) : Path.GetFullPath(wanted);
            Claim(folder, wanted, origin);
            return folder;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"--out '{wanted ?? root}' cannot be written: {error.Message}", error);
        }
    }

    private static void Claim(string folder, string? wanted, RunOrigin origin)
    {
        if (!IsUsable(folder, origin.RunFile))
        {
            throw new BadInputException(
                $"--out {wanted} holds other files or another run's results; name another folder.");
        }

        Directory.CreateDirectory(folder);
        foreach (var entry in new DirectoryInfo(folder).GetFileSystemInfos().Where(entry => Ours.Contains(entry.Name)))
        {
            Delete(entry);
        }

        AtomicFile.Write(Path.Combine(folder, InputsName), origin.Inputs);
        AtomicFile.Write(Path.Combine(folder, RunFileName), origin.RunFile);
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

        var file = Path.Combine(folder, RunFileName);
        return !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any()
            || (File.Exists(file) && File.ReadAllText(file) == resolved);
    }

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
    public static void Write(string path, string text)
    {
        var unfinished = path + ".new";
        File.WriteAllText(unfinished, text);
        File.Move(unfinished, path, overwrite: true);
    }
}
