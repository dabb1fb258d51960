using System.Collections.Immutable;
using System.Text.Json;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;

namespace CoMiGS.Results;

/// <summary>traces.json: where the tokens of the users' samples go in the main arm, at its end.</summary>
internal static class TracesFile
{
    public static void Write(string folder, ImmutableArray<UserTrace> traces) =>
        AtomicFile.Write(Path.Combine(folder, ResultsFolder.TracesName), Json.WriteLine(traces) + "\n");

    /// <returns>In order of id; empty where the run wrote none.</returns>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public static ImmutableArray<UserTrace> Read(string folder)
    {
        var path = Path.Combine(folder, ResultsFolder.TracesName);
        try
        {
            return File.Exists(path) ? Json.Read<ImmutableArray<UserTrace>>(InputFile.ReadText(path)) : [];
        }
        catch (JsonException damaged)
        {
            throw new BadInputException($"{path} is damaged: {damaged.Message}", damaged);
        }
    }
}

internal sealed record UserTrace(string User, TokenTrace Trace);
