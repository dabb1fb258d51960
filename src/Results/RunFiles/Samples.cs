using System.Collections.Immutable;
using CoMiGS.Learning;

namespace CoMiGS.Results.RunFiles;

/// <summary>The sentences whose tokens are followed through the routers: FOLDER/USER/sample.txt, where there is
/// one.</summary>
internal static class Samples
{
    /// <returns>By user; of those with the same folder, the first.</returns>
    /// <exception cref="BadInputException">A sample that is empty or not UTF-8.</exception>
    public static ImmutableSortedDictionary<string, string> Read(RunFile file) => Population.Of(file)
        .DistinctBy(user => user.Data)
        .Select(user => (user.Id, Path: Path.Combine(file.Data.Folder, user.Data!, "sample.txt")))
        .Where(sample => File.Exists(sample.Path))
        .ToImmutableSortedDictionary(sample => sample.Id, sample => ReadText(sample.Path));

    private static string ReadText(string path)
    {
        var text = InputFile.ReadText(path).Trim();
        return text.Length > 0
            ? text
            : throw new BadInputException($"{path} is empty; it should hold one sentence.");
    }
}
