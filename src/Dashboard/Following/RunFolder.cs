using System.Collections.Immutable;
using CoMiGS.Learning;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Dashboard.Following;

/// <summary>A folder of results as it is, finished or growing. Not for two threads at a time.</summary>
internal sealed class RunFolder
{
    private readonly string summaryPath;
    private readonly string runFilePath;
    private DateTime summaryTime;

    private RunFolder(string path, string runFilePath, RunFile file, DateTime startedAt)
    {
        Path = path;
        File = file;
        this.runFilePath = runFilePath;
        StartedAt = startedAt;
        summaryPath = System.IO.Path.Combine(path, ResultsFolder.SummaryName);
        Arms = [.. Results.RunFiles.Arms.Of(file, path).Select(arm => new ArmLog(arm))];
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    public RunFile File { get; }

    /// <summary>Main arm first.</summary>
    public ImmutableArray<ArmLog> Arms { get; }

    /// <summary>Null: the run has not finished.</summary>
    public Summary? Summary { get; private set; }

    /// <summary>Whether another run has been given this folder, or this one anew.</summary>
    public bool IsReplaced => System.IO.File.GetLastWriteTimeUtc(runFilePath) != StartedAt;

    /// <summary>When the run that was opened was given this folder.</summary>
    public DateTime StartedAt { get; }

    /// <summary>The newest of what it tells, <see cref="StartedAt"/> before the first round.</summary>
    public DateTime LastNewsAt => Arms.Select(arm => new FileInfo(arm.Path))
        .Where(file => file.Exists).Select(file => file.LastWriteTimeUtc).Append(StartedAt).Max();

    /// <summary>Opens a folder and reads what is in it so far.</summary>
    /// <param name="summary">Of a run that has ended just now; otherwise the folder's own, if there is one.</param>
    /// <exception cref="BadInputException">It holds no results, or its run file cannot be used.</exception>
    public static RunFolder Open(string path, Summary? summary = null)
    {
        var folder = System.IO.Path.GetFullPath(path);
        var runFile = System.IO.Path.Combine(folder, ResultsFolder.RunFileName);
        if (!System.IO.File.Exists(runFile))
        {
            throw new BadInputException(
                $"{path} is not a folder with the results of a run: there is no {ResultsFolder.RunFileName}.");
        }

        // The time before the text: a file that is replaced in between is taken for the old one, and opened again.
        var startedAt = System.IO.File.GetLastWriteTimeUtc(runFile);
        var file = RunFileReader.ReadResolved(InputFile.ReadText(runFile), runFile);
        var opened = new RunFolder(folder, runFile, file, startedAt);
        opened.Refresh();
        opened.Summary = summary ?? opened.Summary;
        return opened;
    }

    /// <summary>Reads what has been added.</summary>
    /// <returns>Whether there was anything new.</returns>
    public bool Refresh()
    {
        var isNew = false;
        foreach (var arm in Arms)
        {
            isNew |= arm.Refresh();
        }

        return ReadSummary() || isNew;
    }

    /// <summary>Null: the run has no such arm.</summary>
    public ArmLog? ArmNamed(string? label) => Arms.FirstOrDefault(arm => arm.Arm.Label == label);

    /// <summary>An arm's line among the others' means: where they were measured on other texts, with its target.
    /// </summary>
    public string LineOf(Arm arm) =>
        Arms.Select(log => log.Arm.Targets[0]).Distinct().Count() < 2
        || arm.Label.EndsWith($"@{arm.Targets[0]}", StringComparison.Ordinal)
            ? arm.Label
            : $"{arm.Label} on {arm.Targets[0]}";

    private bool ReadSummary()
    {
        var time = System.IO.File.Exists(summaryPath) ? System.IO.File.GetLastWriteTimeUtc(summaryPath) : default;
        if (time == summaryTime)
        {
            return false;
        }

        summaryTime = time;
        Summary = time == default ? null : Summary.Read(summaryPath);
        return true;
    }
}
