using System.Text.Json;
using CoMiGS.Results;
using CoMiGS.Learning;

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

        return new(
            folder, InputFile.ReadText(Path.Combine(folder, ResultsFolder.RunFileName)), ReadSummary(path));
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

    private static Summary ReadSummary(string path)
    {
        try
        {
            var summary = Json.Read<Summary>(InputFile.ReadText(path));
            return summary is { Arms.IsDefaultOrEmpty: false } && summary.Arms.All(IsWhole)
                ? summary
                : throw new BadInputException($"{path} is damaged: it names no arms, or arms without users.");
        }
        catch (JsonException damaged)
        {
            throw new BadInputException($"{path} is damaged: {damaged.Message}", damaged);
        }
    }

    private static bool IsWhole(ArmSummary? arm) =>
        arm is { Method: not null, Target: not null, Users.IsDefaultOrEmpty: false }
        && arm.Users.All(user => user?.Id is not null);
}
