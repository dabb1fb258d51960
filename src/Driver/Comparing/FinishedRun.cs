using CoMiGS.Learning;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Driver.Comparing;

/// <summary>The results of a run that has ended: its resolved run file and its summary.</summary>
/// <param name="Folder">Where they lie.</param>
/// <param name="RunFile">run.yaml, as text.</param>
internal sealed record FinishedRun(string Folder, string RunFile, Summary Summary)
{
    /// <summary>Whether a folder holds results, finished or not.</summary>
    public static bool IsResults(string folder) => File.Exists(Path.Combine(folder, ResultsFolder.RunFileName));

    /// <summary>Reads a folder of results.</summary>
    /// <exception cref="BadInputException">There are none, the run has not finished, or a file is
    /// damaged.</exception>
    public static FinishedRun Read(string folder)
    {
        if (!IsResults(folder))
        {
            throw new BadInputException($"{folder} is neither a run file nor a folder with the results of a run.");
        }

        var path = Path.Combine(folder, ResultsFolder.SummaryName);
        if (!File.Exists(path))
        {
            throw new BadInputException(
                $"{folder}: the run has not finished, there is no {ResultsFolder.SummaryName}.");
        }

        var runFile = Path.Combine(folder, ResultsFolder.RunFileName);
        var text = InputFile.ReadText(runFile);
        YamlText.ReadText(text, runFile);
        return new(folder, text, Summary.Read(path));
    }

    /// <summary>The results of exactly this run on exactly these files, if it has ended.</summary>
    public static FinishedRun? Find(string folder, RunOrigin origin)
    {
        return Holds(ResultsFolder.RunFileName, origin.RunFile) && Holds(ResultsFolder.InputsName, origin.Inputs)
            && File.Exists(Path.Combine(folder, ResultsFolder.SummaryName))
                ? Read(folder)
                : null;

        bool Holds(string name, string text) =>
            Path.Combine(folder, name) is var path && File.Exists(path) && InputFile.ReadText(path) == text;
    }
}
